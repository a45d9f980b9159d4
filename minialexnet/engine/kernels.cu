// What the layers compute on a GPU in one pass over their arrays.
//
// Each kernel here does what a plain body does in Python, which passes over the arrays
// many times; kernels.py calls them and names those bodies. `real` is float or double:
// this file is compiled for each.
//
// Pictures are (N, H, W, C) in memory, channels last, so that neighbouring threads read
// and write neighbouring numbers. There are two kinds of launch, and im2col's and the
// bias' own:
//
//   flat    one thread for each number of the arrays, in the order of memory;
//   rows    blockIdx.x is a row of pixels of all the pictures, n * H + h, and the
//           threads of its blocks share the numbers of that row, i = w * C + c.
//
// A row has fewer than 2^31 numbers, so i and the sizes are int, whose division is fast;
// places in whole arrays may need more and are long long. Nothing is added up by several
// threads at once, so the same input gives the same bits.

// The number that this thread takes in a flat launch.
#define FLAT ((long long)blockIdx.x * blockDim.x + threadIdx.x)

// The numbers that this thread takes of a row.
#define EACH_OF_ROW(i, size)                                                     \
    for (int i = blockIdx.y * blockDim.x + threadIdx.x; i < size;                \
         i += gridDim.y * blockDim.x)

// Pictures of H x W pixels and C channels, and OH x OW windows of KH x KW pixels on
// them, SH and SW pixels apart, the first PH and PW pixels before the edge.
#define WINDOWS                                                                  \
    int C, int H, int W, int OH, int OW, int KH, int KW, int SH, int SW, int PH, int PW

// Along one axis, the first and the last window that see a pixel.
static __device__ int first_window(int pixel, int kernel, int stride, int padding)
{
    int before = pixel + padding - kernel;  // the last pixel before which none is seen
    return before < 0 ? 0 : before / stride + 1;
}

static __device__ int last_window(int pixel, int stride, int padding, int windows)
{
    int past = pixel + padding;  // how far past the first pixel of the first window
    if (past < 0) return -1;     // before it: no window sees the pixel
    int last = past / stride;
    return last < windows ? last : windows - 1;
}

// How many pixels a window of one axis sees, which begins at `start`.
static __device__ int pixels_seen(int start, int kernel, int size)
{
    int end = start + kernel < size ? start + kernel : size;
    return end - (start > 0 ? start : 0);
}

// ReLU, flat: y = max(0, x); what is no number stays none.
extern "C" __global__ void relu(const real *x, real *y, long long size)
{
    long long i = FLAT;
    if (i < size)
        y[i] = x[i] < 0 ? 0 : x[i];
}

// y = x + b, or with the ReLU after it y = max(0, x + b). blockIdx.x has as
// many rows as the threads' y, each of F numbers; y's begin `step` numbers apart.
extern "C" __global__ void add_bias(
    const real *x, const real *bias, real *y,
    long long rows, long long step, int F, int rectify)
{
    long long row = (long long)blockIdx.x * blockDim.y + threadIdx.y;
    if (row >= rows)
        return;
    for (int f = threadIdx.x; f < F; f += blockDim.x) {
        real sum = x[row * F + f] + bias[f];
        y[row * step + f] = rectify && sum < 0 ? 0 : sum;
    }
}

// dx = dy where y > 0.
extern "C" __global__ void relu_backward(
    const real *dy, const real *y, real *dx, long long size)
{
    long long i = FLAT;
    if (i < size)
        dx[i] = y[i] > 0 ? dy[i] : 0;
}

// Response normalisation across the maps of a group, rows:
// d = k + alpha * (sum of x^2 over the window), y = x d^-beta.
extern "C" __global__ void response_normalization(
    const real *x, real *d, real *y,
    int row, int maps, int before, int after, double k, double alpha, double beta)
{
    long long start = (long long)blockIdx.x * row;
    EACH_OF_ROW(i, row) {
        // A row is made of whole groups, so this is the map's place in its group.
        int map = i % maps;
        real sum = 0;
        for (int j = -before; j <= after; j++)
            if (map + j >= 0 && map + j < maps)
                sum += x[start + i + j] * x[start + i + j];
        d[start + i] = (real)k + (real)alpha * sum;
        y[start + i] = x[start + i] * pow(d[start + i], -(real)beta);
    }
}

// dx = dy d^-beta - 2 alpha beta x * (sum of dy y / d over the window turned round).
extern "C" __global__ void response_normalization_backward(
    const real *x, const real *d, const real *y, const real *dy, real *dx,
    int row, int maps, int before, int after, double alpha, double beta)
{
    long long start = (long long)blockIdx.x * row;
    EACH_OF_ROW(i, row) {
        int map = i % maps;
        real sum = 0;
        for (int j = -before; j <= after; j++)
            if (map + j >= 0 && map + j < maps) {
                long long other = start + i + j;
                sum += dy[other] * y[other] / d[other];
            }
        dx[start + i] = dy[start + i] * pow(d[start + i], -(real)beta)
            - (real)(2 * alpha * beta) * x[start + i] * sum;
    }
}

// Max pooling, rows of the output: the largest pixel; what is no number wins.
extern "C" __global__ void max_pooling(const real *x, real *y, WINDOWS)
{
    long long n = blockIdx.x / OH;
    int oh = blockIdx.x % OH;
    EACH_OF_ROW(i, OW * C) {
        int ow = i / C, c = i % C;
        bool seen = false;
        real largest = 0;
        for (int kh = 0; kh < KH; kh++)
            for (int kw = 0; kw < KW; kw++) {
                int h = oh * SH + kh - PH, w = ow * SW + kw - PW;
                if (h < 0 || h >= H || w < 0 || w >= W)
                    continue;
                real value = x[((n * H + h) * W + w) * C + c];
                if (!seen || value > largest || value != value)
                    largest = value;
                seen = true;
            }
        y[(long long)blockIdx.x * OW * C + i] = largest;
    }
}

// Whether two values are equal, taking NaN for equal to NaN, which == does not.
static __device__ bool same(real a, real b)
{
    return a == b || (a != a && b != b);
}

// Whether a pixel before place kh, kw of a window has the window's largest value.
static __device__ bool won_before(
    const real *x, real largest, long long n, int c, int kh, int kw, int top, int left,
    int C, int H, int W, int KW)
{
    for (int place = 0; place < kh * KW + kw; place++) {
        int h = top + place / KW, w = left + place % KW;
        if (h >= 0 && h < H && w >= 0 && w < W
            && same(x[((n * H + h) * W + w) * C + c], largest))
            return true;
    }
    return false;
}

// Rows of the input: a pixel collects dy of every window that it won, which is the
// window's first pixel, in reading order, of the largest value.
extern "C" __global__ void max_pooling_backward(
    const real *x, const real *y, const real *dy, real *dx, WINDOWS)
{
    long long n = blockIdx.x / H;
    int h = blockIdx.x % H;
    EACH_OF_ROW(i, W * C) {
        int w = i / C, c = i % C;
        real value = x[(long long)blockIdx.x * W * C + i], sum = 0;
        int oh_last = last_window(h, SH, PH, OH), ow_last = last_window(w, SW, PW, OW);
        for (int oh = first_window(h, KH, SH, PH); oh <= oh_last; oh++)
            for (int ow = first_window(w, KW, SW, PW); ow <= ow_last; ow++) {
                int top = oh * SH - PH, left = ow * SW - PW;
                long long out = ((n * OH + oh) * OW + ow) * C + c;
                if (same(value, y[out])
                    && !won_before(
                        x, value, n, c, h - top, w - left, top, left, C, H, W, KW))
                    sum += dy[out];
            }
        dx[(long long)blockIdx.x * W * C + i] = sum;
    }
}

// Average pooling, rows of the output: the mean of the pixels that exist.
extern "C" __global__ void average_pooling(const real *x, real *y, WINDOWS)
{
    long long n = blockIdx.x / OH;
    int oh = blockIdx.x % OH;
    EACH_OF_ROW(i, OW * C) {
        int ow = i / C, c = i % C;
        real sum = 0;
        for (int kh = 0; kh < KH; kh++)
            for (int kw = 0; kw < KW; kw++) {
                int h = oh * SH + kh - PH, w = ow * SW + kw - PW;
                if (h >= 0 && h < H && w >= 0 && w < W)
                    sum += x[((n * H + h) * W + w) * C + c];
            }
        int rows = pixels_seen(oh * SH - PH, KH, H);
        int columns = pixels_seen(ow * SW - PW, KW, W);
        y[(long long)blockIdx.x * OW * C + i] = sum / (rows * columns);
    }
}

// Rows of the input: every window gives its pixels equal shares.
extern "C" __global__ void average_pooling_backward(const real *dy, real *dx, WINDOWS)
{
    long long n = blockIdx.x / H;
    int h = blockIdx.x % H;
    EACH_OF_ROW(i, W * C) {
        int w = i / C, c = i % C;
        real sum = 0;
        int oh_last = last_window(h, SH, PH, OH), ow_last = last_window(w, SW, PW, OW);
        for (int oh = first_window(h, KH, SH, PH); oh <= oh_last; oh++)
            for (int ow = first_window(w, KW, SW, PW); ow <= ow_last; ow++) {
                int rows = pixels_seen(oh * SH - PH, KH, H);
                int columns = pixels_seen(ow * SW - PW, KW, W);
                sum += dy[((n * OH + oh) * OW + ow) * C + c] / (rows * columns);
            }
        dx[(long long)blockIdx.x * W * C + i] = sum;
    }
}

// Neighbouring numbers that a thread reads and writes at once: 16 bytes.
#define AT_ONCE (16 / (int)sizeof(real))
struct alignas(16) pack { real numbers[AT_ONCE]; };

// Windows as the rows of a matrix. blockIdx.x is a row of windows, n * OH + oh, and the
// threads' y a window of it; the threads' x is a place in a row of the window, of which
// a thread takes all KH. The picture may be some of the channels of a wider one, so how
// many numbers apart its pictures, rows and pixels are is said. What lies outside it
// reads 0, and so does what fills a row up from its KH * KW * C numbers to `width`.
// `number` is real, or pack where everything is counted in packs, C too.
template <class number>
static __device__ void copy_windows(
    const number *x, number *col,
    long long to_picture, long long to_row, long long to_pixel, int width, WINDOWS)
{
    long long n = blockIdx.x / OH;
    int oh = blockIdx.x % OH, top = oh * SH - PH;
    for (int ow = blockIdx.y * blockDim.y + threadIdx.y; ow < OW;
         ow += gridDim.y * blockDim.y) {
        number *window = col + ((long long)blockIdx.x * OW + ow) * width;
        for (int i = threadIdx.x; i < KW * C; i += blockDim.x) {
            int kw = i / C, w = ow * SW + kw - PW;
            const number *column = x + n * to_picture + w * to_pixel + (i - kw * C);
            for (int kh = 0; kh < KH; kh++) {
                int h = top + kh;
                bool inside = h >= 0 && h < H && w >= 0 && w < W;
                window[kh * KW * C + i] = inside ? column[h * to_row] : number();
            }
        }
        for (int i = KH * KW * C + threadIdx.x; i < width; i += blockDim.x)
            window[i] = number();
    }
}

extern "C" __global__ void im2col(
    const real *x, real *col,
    long long to_picture, long long to_row, long long to_pixel, int width, WINDOWS)
{
    copy_windows(x, col, to_picture, to_row, to_pixel, width,
        C, H, W, OH, OW, KH, KW, SH, SW, PH, PW);
}

// The same where C, all steps and both addresses are multiples of a pack.
extern "C" __global__ void im2col_packed(
    const real *x, real *col,
    long long to_picture, long long to_row, long long to_pixel, int width, WINDOWS)
{
    copy_windows((const pack *)x, (pack *)col,
        to_picture / AT_ONCE, to_row / AT_ONCE, to_pixel / AT_ONCE, width / AT_ONCE,
        C / AT_ONCE, H, W, OH, OW, KH, KW, SH, SW, PH, PW);
}

// The way back, rows of the picture: a pixel collects what each window has for it.
extern "C" __global__ void col2im(const real *col, real *dx, WINDOWS)
{
    long long n = blockIdx.x / H, columns = (long long)KH * KW * C;
    int h = blockIdx.x % H;
    EACH_OF_ROW(i, W * C) {
        int w = i / C, c = i % C;
        real sum = 0;
        int oh_last = last_window(h, SH, PH, OH), ow_last = last_window(w, SW, PW, OW);
        for (int oh = first_window(h, KH, SH, PH); oh <= oh_last; oh++)
            for (int ow = first_window(w, KW, SW, PW); ow <= ow_last; ow++) {
                int kh = h + PH - oh * SH, kw = w + PW - ow * SW;
                sum += col[((n * OH + oh) * OW + ow) * columns + (kh * KW + kw) * C + c];
            }
        dx[(long long)blockIdx.x * W * C + i] = sum;
    }
}

// Sum of many rows as the sum of fewer, flat: (rows, C) to (lanes, C), size = rows * C.
// Total t collects x[t], x[t + lanes * C], x[t + 2 * lanes * C], ...
extern "C" __global__ void add_rows(
    const real *x, real *totals, long long size, long long lanes_size)
{
    long long t = FLAT;
    if (t >= lanes_size)
        return;
    real sum = 0;
    for (long long i = t; i < size; i += lanes_size)
        sum += x[i];
    totals[t] = sum;
}

// Dropout's mask, one launch row an example: Philox4x32-10, see philox.py. A counter
// gives four words, for four neighbouring units.
extern "C" __global__ void dropout_mask(
    bool *kept, int units, long long first_sample, long long first_unit,
    long long step, long long key_low, long long key_high, long long threshold)
{
    long long first_counter = first_unit / 4;
    int counters = (int)((first_unit + units + 3) / 4 - first_counter);
    EACH_OF_ROW(i, counters) {
        unsigned int c0 = first_counter + i, c1 = first_sample + blockIdx.x;
        unsigned int c2 = step, c3 = 0, k0 = key_low, k1 = key_high;
        for (int round = 0; round < 10; round++) {
            unsigned long long p0 = c0 * 0xD2511F53ull, p1 = c2 * 0xCD9E8D57ull;
            c0 = (unsigned int)(p1 >> 32) ^ c1 ^ k0;
            c1 = (unsigned int)p1;
            c2 = (unsigned int)(p0 >> 32) ^ c3 ^ k1;
            c3 = (unsigned int)p0;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        unsigned int words[4] = {c0, c1, c2, c3};
        for (int j = 0; j < 4; j++) {
            long long unit = 4 * (first_counter + i) + j - first_unit;
            if (unit >= 0 && unit < units)
                kept[(long long)blockIdx.x * units + unit] = words[j] >= threshold;
        }
    }
}

// Momentum and weight decay, flat: v <- momentum v - decay w - rate dw; w <- w + v.
// Here `decay` has the learning rate in it already.
extern "C" __global__ void momentum_step(
    const real *dw, real *w, real *v, long long size,
    double momentum, double decay, double rate)
{
    long long i = FLAT;
    if (i >= size)
        return;
    v[i] = (real)momentum * v[i] - (real)decay * w[i] - (real)rate * dw[i];
    w[i] += v[i];
}
