/* Remembers the theme that a reader chose, lets Escape close a definition, and lets the keyboard scroll what is too
   wide for the column. Everything works without it. */
(() => {
  "use strict";
  const root = document.documentElement;
  const remembered = () => {
    try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; }
  };
  const remember = (theme) => {
    try { localStorage.setItem("theme", theme); } catch { /* the choice lasts for this page */ }
  };
  root.dataset.theme = remembered();
  document.addEventListener("DOMContentLoaded", () => {
    const choice = document.getElementById(`theme-${remembered()}`);
    if (choice) choice.checked = true;
  });
  const reachable = () => {
    for (const box of document.querySelectorAll("pre, table, p:has(> math)")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  document.addEventListener("DOMContentLoaded", reachable);
  addEventListener("resize", reachable);
  document.addEventListener("change", (event) => {
    if (event.target.name !== "theme") return;
    root.dataset.theme = event.target.value;
    remember(event.target.value);
  });
  /* A proof of work for the form to subscribe (subscribers/proof_of_work.py), found while the person goes on; the form never
     waits for it. */
  document.addEventListener("change", async ({ target: box }) => {
    const proof = box.name === "email" && box.form?.elements.proof;
    if (!proof || !globalThis.crypto?.subtle) return;
    const typed = box.value, hour = Math.floor(Date.now() / 3600000), text = new TextEncoder();
    proof.value = "";
    for (let number = 0; box.value === typed; number += 1) {
      const stamp = text.encode(`${hour}:${typed.trim().toLowerCase()}:${number}`);
      const [first, second] = new Uint8Array(await crypto.subtle.digest("SHA-256", stamp));
      if (!first && !second) { proof.value = `${hour}:${number}`; return; }
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") root.classList.add("no-definitions");
  });
  for (const name of ["focusin", "mouseover"]) {
    document.addEventListener(name, (event) => {
      if (!event.target.closest?.(".term")) root.classList.remove("no-definitions");
    });
  }
})();
