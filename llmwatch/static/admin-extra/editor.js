/* What the page needs beyond content-editor: order in a list of papers, and a keyboard instead of a mouse. */

// The browser sends chosen papers in the order of their options: what is chosen last stands last.
django.jQuery(document).on("select2:select", "select[data-in-order]", (event) => {
  const option = [...event.currentTarget.options].find((each) => each.value === String(event.params.data.id));
  if (option) {
    event.currentTarget.append(option);
    django.jQuery(event.currentTarget).trigger("change.select2");
  }
});

// Insert targets are reached by Tab and opened by Enter; Alt with an arrow moves a block.
const reachable = (machine) => {
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

const moveBlock = (machine, block, step) => {
  const blocks = [...machine.querySelectorAll(".inline-related:not(.empty-form)")];
  blocks.sort((a, b) => a.style.order - b.style.order);
  const other = blocks[blocks.indexOf(block) + step];
  if (!other) return;
  const [one, two] = [block, other].map((each) => each.querySelector(".order-machine-ordering"));
  [one.value, two.value] = [two.value, one.value];
  [block.style.order, other.style.order] = [one.value, two.value];
};

document.addEventListener("content-editor:ready", () => {
  const machine = document.querySelector(".order-machine");
  const buttons = [...document.querySelectorAll(".plugin-buttons .plugin-button")];
  reachable(machine);
  document.addEventListener("formset:added", () => reachable(machine));
  machine.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Enter" && event.target.matches(".order-machine-insert-target")) {
      event.preventDefault();
      event.target.click();
      buttons.find((button) => !button.classList.contains("content-editor-hide"))?.focus();
    } else if (event.altKey && step && event.target.matches("h3")) {
      event.preventDefault();
      moveBlock(machine, event.target.closest(".inline-related"), step);
    }
  });
  for (const button of buttons) {
    button.tabIndex = 0;
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      button.click();
    });
  }
});
