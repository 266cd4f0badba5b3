// What every htmx request shares: CSRF token, progress line, focus that is not lost, a word when it fails.
// The server may show a word too: HX-Trigger: {"toast": {"text": "…", "tone": "ok"}}, with
// `undo` ({"word", "address", "target"}) a button that posts to the address and swaps the answer into the target.
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  const byStatus = { 400: words.expired, 403: words.forbidden, 429: words.too_many };
  const waiting = new Set();
  const toasts = document.getElementById("toasts");

  const toast = (text, tone = "bad", undo = null) => {
    const box = document.createElement("div");
    box.className = `toast-message tone-${tone}`;
    if (tone === "bad") box.setAttribute("role", "alert");
    box.textContent = text;
    if (undo) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link-button";
      button.textContent = undo.word;
      button.addEventListener("click", () => {
        // asked in the target's name: this button is gone when the answer comes, and what it tells would reach nobody
        htmx.ajax("POST", undo.address, { source: undo.target, target: undo.target });
        box.remove();
      });
      box.append(button);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "message__close";
    close.textContent = "×";
    close.setAttribute("aria-label", words.close);
    close.addEventListener("click", () => box.remove());
    box.append(close);
    (document.querySelector("dialog[open]") ?? document.body).append(toasts); // what lies behind a dialog is out of reach
    toasts.append(box);
    if (tone === "ok" || tone === "info") setTimeout(() => box.remove(), undo ? 20000 : 6000);
  };
  document.addEventListener("close", () => document.body.append(toasts), true);
  const showProgress = () => document.documentElement.classList.toggle("is-loading", waiting.size > 0);

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (token && detail.verb !== "get") detail.headers["X-CSRFToken"] = token;
  });
  document.addEventListener("htmx:beforeSend", ({ detail }) => { waiting.add(detail.xhr); showProgress(); });
  document.addEventListener("htmx:afterRequest", ({ detail }) => { waiting.delete(detail.xhr); showProgress(); });

  document.addEventListener("htmx:responseError", ({ detail }) => toast(byStatus[detail.xhr.status] ?? words.failed));
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => toast(words.network));
  }
  document.addEventListener("toast", ({ detail }) => toast(detail.text, detail.tone, detail.undo));

  // When the swapped part held the focus and nothing inside took it back, keep the reader's place.
  // A button that rests while its form is on the way has lost it already: what was pressed is remembered before.
  let heldFocus = false;
  let pressed = null;
  document.addEventListener("htmx:beforeRequest", () => { pressed = document.activeElement; }, true);
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const last = document.activeElement === document.body ? pressed : document.activeElement;
    heldFocus = last !== null && last !== document.body && detail.target.contains(last);
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (!heldFocus || document.activeElement !== document.body) return;
    heldFocus = false;
    const place = detail.elt.isConnected ? detail.elt : document.getElementById("main");
    if (!place.hasAttribute("tabindex")) place.tabIndex = -1;
    place.focus({ preventScroll: true });
  });
})();
