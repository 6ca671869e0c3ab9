/* What the page needs beyond content-editor: order in a list of papers, and a keyboard instead of a mouse. */
document.addEventListener("DOMContentLoaded", () => {
  const $ = django.jQuery;

  // The browser sends chosen papers in the order of their options: what is chosen last stands last.
  $(document).on("select2:select", "select[data-in-order]", (event) => {
    const option = event.params.data.element;
    if (option) {
      event.currentTarget.append(option);
      $(event.currentTarget).trigger("change.select2");
    }
  });

  const machine = document.querySelector(".order-machine");
  if (!machine) return;

  // Insert targets are reached by Tab and opened by Enter; Alt with an arrow moves a block.
  const prepare = () => {
    for (const target of machine.querySelectorAll(".order-machine-insert-target:not([tabindex])")) {
      target.tabIndex = 0;
      target.setAttribute("role", "button");
      target.setAttribute("aria-label", gettext("Insert a block here"));
    }
    for (const head of machine.querySelectorAll(".inline-related > h3:not([tabindex])")) {
      head.tabIndex = 0;
      head.title = gettext("Drag it, or move it with Alt and an arrow");
    }
  };
  const blocks = () =>
    [...machine.querySelectorAll(".inline-related:not(.empty-form)")].sort((a, b) => a.style.order - b.style.order);
  const swap = (one, other) => {
    const [a, b] = [one, other].map((block) => block.querySelector(".order-machine-ordering"));
    [a.value, b.value] = [b.value, a.value];
    [one.style.order, other.style.order] = [a.value, b.value];
  };
  const onKey = (event) => {
    if (event.key === "Enter" && event.target.matches(".order-machine-insert-target")) {
      event.preventDefault();
      event.target.click();
      document.querySelector(".plugin-buttons .plugin-button:not(.content-editor-hide)")?.focus();
    }
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key) || !event.target.matches("h3")) return;
    event.preventDefault();
    const all = blocks();
    const at = all.indexOf(event.target.closest(".inline-related"));
    const other = all[at + (event.key === "ArrowUp" ? -1 : 1)];
    if (other) swap(all[at], other);
  };
  machine.addEventListener("keydown", onKey);
  document.addEventListener("formset:added", prepare);
  document.addEventListener("content-editor:ready", () => {
    prepare();
    for (const button of document.querySelectorAll(".plugin-buttons .plugin-button")) {
      button.tabIndex = 0;
      button.addEventListener("keydown", (event) => event.key === "Enter" && button.click());
    }
  });
});
