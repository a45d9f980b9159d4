/* A formula wider than the window scrolls by itself; the keyboard reaches it, as it
   reaches wide code. */
"use strict";

addEventListener("load", () => window.MathJax?.startup?.promise.then(() => {
  for (const formula of document.querySelectorAll('mjx-container[display="true"]'))
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
}));
