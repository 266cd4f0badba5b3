// Lists: rows selected stay selected from page to page (in this tab), keys move along the rows.
(() => {
  const store = (action) => { try { return action(sessionStorage); } catch { return null; } };
  const bar = () => document.getElementById("selection");
  const keyOf = (form) => `selection:${form.dataset.reader}:${form.dataset.list}`;
  const boxes = () => [...document.querySelectorAll("[form=selection][name=id]")];

  // What is selected: ids, or everything that one filter finds (another filter begins anew).
  const read = (form) => {
    const kept = JSON.parse(store((s) => s.getItem(keyOf(form))) ?? "null") ?? { ids: [], all: null };
    return kept.all !== null && kept.all !== form.elements.state.value ? { ids: [], all: null } : kept;
  };
  const write = (form, kept) => {
    store((s) => s.setItem(keyOf(form), JSON.stringify(kept)));
    show();
  };
  const show = () => {
    const form = bar();
    if (!form) return;
    const kept = read(form);
    const chosen = new Set(kept.ids);
    const count = form.querySelector("[data-selection-count]");
    for (const box of boxes()) {
      box.checked = kept.all !== null || chosen.has(box.value);
      box.closest("tr").classList.toggle("is-selected", box.checked);
    }
    const page = document.querySelector("[data-select-page]");
    const ticked = boxes().filter((box) => box.checked).length;
    page.checked = ticked > 0 && ticked === boxes().length;
    page.indeterminate = ticked > 0 && !page.checked;
    const isEmpty = kept.all === null && chosen.size === 0;
    form.classList.toggle("is-empty", isEmpty);
    count.textContent = isEmpty ? "" : kept.all !== null ? count.dataset.all : count.dataset.text.replace("{n}", chosen.size);
    form.elements.ids.value = kept.all === null ? [...chosen].join(",") : "";
    form.elements.all.value = kept.all === null ? "" : "1";
  };
  const choose = (values, isChosen) => {
    const form = bar();
    const kept = read(form);
    // Taking one off "all" leaves this page's others: the rest was never listed here.
    const chosen = new Set(kept.all === null ? kept.ids : boxes().map((box) => box.value));
    for (const value of values) isChosen ? chosen.add(value) : chosen.delete(value);
    write(form, { ids: [...chosen], all: null });
  };

  document.addEventListener("change", ({ target }) => {
    if (target.matches("[form=selection][name=id]")) choose([target.value], target.checked);
    else if (target.matches("[data-select-page]")) choose(boxes().map((box) => box.value), target.checked);
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-select-all]")) write(bar(), { ids: [], all: bar().elements.state.value });
    else if (target.closest("[data-select-none]")) write(bar(), { ids: [], all: null });
  });
  // The ids go as one field: the boxes that are ticked here are among them.
  document.addEventListener("formdata", ({ target, formData }) => {
    if (target.id === "selection") formData.delete("id");
  });
  document.addEventListener("htmx:afterSettle", show);
  window.addEventListener("pageshow", show);

  // The row that the keys are on is the one that has the focus.
  const rows = () => [...document.querySelectorAll("tr[data-row]")];
  const linkOf = (row) => row?.querySelector("th a");
  const move = (step) => {
    const all = rows();
    const here = all.indexOf(document.activeElement.closest("tr[data-row]"));
    const link = linkOf(all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1)]);
    link?.focus();
  };
  const steps = { j: 1, k: -1 };
  const arrows = { ArrowDown: 1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog, details")) return;
    const row = event.target.closest("tr[data-row]");
    const key = event.key.toLowerCase();
    if (key in steps) move(steps[key]);
    else if (event.key in arrows && row) move(arrows[event.key]);
    else if (key === "x" && row) row.querySelector("[name=id]").click();
    else return;
    event.preventDefault();
  });
})();
