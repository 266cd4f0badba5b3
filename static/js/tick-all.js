// One box at the head of a table ticks all boxes of its form with that name.
document.addEventListener("change", ({ target }) => {
  const name = target.dataset.tickAll;
  if (name) for (const box of target.form.querySelectorAll(`[name="${name}"]`)) box.checked = target.checked;
});
