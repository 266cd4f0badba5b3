// Forms marked data-unsaved: a warning before typed work is left behind, and a draft kept in this tab,
// offered again when the page was lost on the way (network failure, crash, expired session) to the same reader.
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const forms = [...document.querySelectorAll("form[data-unsaved]")];
  const keyOf = (form) => `draft:${document.body.dataset.reader}:${location.pathname}:${form.getAttribute("action") ?? ""}`;
  const store = (action) => { try { return action(sessionStorage); } catch { return null; } };
  const isKept = (field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type);
  const kept = (form) => [...form.elements].filter(isKept);
  const valueOf = (field) => (["checkbox", "radio"].includes(field.type) ? field.checked
    : field.type === "select-multiple" ? [...field.selectedOptions].map((option) => option.value) : field.value);
  const snapshot = (form) => JSON.stringify(kept(form).map((field) => [field.name, valueOf(field)]));

  const restore = (form, draft) => {
    const values = JSON.parse(draft);
    kept(form).forEach((field, index) => {
      const [name, value] = values[index] ?? [];
      if (name !== field.name) return;
      if (["checkbox", "radio"].includes(field.type)) field.checked = value;
      else if (field.type === "select-multiple") for (const option of field.options) option.selected = value.includes(option.value);
      else field.value = value;
    });
  };
  const offerDiscard = (form, original) => {
    const note = document.createElement("div");
    note.className = "message tone-info";
    note.setAttribute("role", "status");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-button";
    button.textContent = words.discard;
    button.addEventListener("click", () => {
      restore(form, original);
      store((s) => s.removeItem(keyOf(form)));
      note.remove();
    });
    note.append(words.restored, " ", button);
    form.prepend(note);
  };

  // A form that was sent and did not come back is saved: its draft goes. Pages outside the frame (an error, the login) save nothing.
  const isFramed = "reader" in document.body.dataset;
  const sent = store((s) => s.getItem("draft-sent"));
  const cameBack = forms.some((form) => keyOf(form) === sent)
    && !document.querySelector("[data-message=success]");
  if (sent && isFramed && !cameBack) store((s) => s.removeItem(sent));
  store((s) => s.removeItem("draft-sent"));

  const watch = (form) => {
    const original = snapshot(form);
    const isRefused = form.querySelector("[aria-invalid=true], [role=alert]") !== null;
    let leaving = false;

    const draft = store((s) => s.getItem(keyOf(form)));
    if (draft && draft !== original && !isRefused) {
      restore(form, draft);
      offerDiscard(form, original);
      for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    }
    const isDirty = () => isRefused || snapshot(form) !== original;

    form.addEventListener("input", () => {
      store((s) => (isDirty() ? s.setItem(keyOf(form), snapshot(form)) : s.removeItem(keyOf(form))));
    });
    form.addEventListener("submit", () => {
      leaving = true;
      store((s) => s.setItem("draft-sent", keyOf(form)));
    });
    const answered = (isSaved) => {
      leaving = isSaved;
      store((s) => { s.removeItem("draft-sent"); if (isSaved) s.removeItem(keyOf(form)); });
    };
    // Before the answer takes the form's place: a form that has left the page hears no more.
    form.addEventListener("htmx:beforeOnLoad", ({ detail, target }) => {
      if (target === form) answered(detail.xhr.status < 400);
    });
    form.addEventListener("htmx:sendError", () => answered(false));
    window.addEventListener("beforeunload", (event) => {
      if (form.isConnected && isDirty() && !leaving) event.preventDefault();
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });
  };
  forms.forEach(watch);

  // Forms that come with a part of the page are watched like those that were there from the beginning.
  document.addEventListener("htmx:load", ({ detail: { elt } }) => {
    const inside = [...elt.querySelectorAll("form[data-unsaved]"), ...(elt.matches("form[data-unsaved]") ? [elt] : [])];
    inside.filter((form) => !forms.includes(form)).forEach((form) => { forms.push(form); watch(form); });
  });
})();
