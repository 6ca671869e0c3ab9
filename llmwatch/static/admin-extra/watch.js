/* While an editor writes a watch, the server says what it would have matched in the last week. */
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("watch_form");
  const part = document.getElementById("tried");
  if (!form || !part) return;
  let waiting;
  let asking;

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    part.setAttribute("aria-busy", "true");
    try {
      const { signal } = asking;
      const answer = await fetch(part.dataset.url, { method: "POST", body: new FormData(form), signal });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      part.innerHTML = await answer.text();
    } catch (error) {
      if (error.name === "AbortError") return;
      part.textContent = part.dataset.fault;
    }
    part.removeAttribute("aria-busy");
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 300);
  });
});
