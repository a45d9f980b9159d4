"""axe-core, which finds what keeps people from using a page."""

import tarfile

from minialexnet.data.download import download
from tests.support.built_site import ROOT

AXE = ROOT / "build" / "axe"
# The success criteria of WCAG 2.0 to 2.2, levels A and AA.
RUN = """(async () => {
    // Colours half way from dark to light are nobody's.
    const still = document.createElement("style");
    still.textContent = "* {transition: none !important; animation: none !important}";
    document.head.append(still);
    for (const fold of document.querySelectorAll("details")) fold.open = true;
    if (window.MathJax?.startup) await MathJax.startup.promise;
    const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const found = await axe.run(document, {
        runOnly: {type: "tag", values}, resultTypes: ["violations"],
    });
    return found.violations.flatMap((rule) => rule.nodes.map((node) =>
        [rule.id, node.target.join(" "), node.failureSummary]));
})()"""


def axe_script():
    """Return axe-core's JavaScript, fetched once into build/axe.

    It is under the Mozilla Public License and not kept in the repository.
    """
    package = AXE.with_suffix(".tgz")
    if not package.exists():
        download(
            "https://registry.npmjs.org/axe-core/-/axe-core-4.11.1.tgz",
            package,
            size=595_025,
            sha256="5b86f813d96904f2d925fed5715877c75fc1cc140f89565fb42145e7801b2305",
        )
    with tarfile.open(package) as files:
        return files.extractfile("package/axe.min.js").read().decode()


def violations(browser, script):
    """Return (rule, where, what) of each violation on the page, with folds opened."""
    browser.evaluate(script)
    return [tuple(found) for found in browser.evaluate(RUN)]
