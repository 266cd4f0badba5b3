// A button beside a text box copies what stands in it; without script the box itself is there to copy from.
for (const button of document.querySelectorAll("[data-copy]")) {
  const box = document.getElementById(button.dataset.copy);
  button.addEventListener("click", async () => {
    box.select();
    try { await navigator.clipboard.writeText(box.value); }
    catch { document.execCommand("copy"); }
    button.querySelector("[data-copied]").hidden = false;
  });
}
