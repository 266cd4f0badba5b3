// The files of a record: several at once, dropped or pasted, each sent by itself with its progress and its own refusal.
(() => {
  const words = (form) => JSON.parse(form.dataset.words);
  const formOf = (target) => target.closest?.("form[data-uploads]");

  const line = (form, file) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    const progress = document.createElement("progress");
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", file.name);
    const said = document.createElement("span");
    said.textContent = words(form).waiting;
    item.append(name, progress, said);
    form.querySelector(".uploads").append(item);
    return { item, progress, said };
  };

  const refusal = (xhr, form) => {
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    return page.querySelector(".field-error")?.textContent ?? words(form).failed;
  };

  const send = (form, file, { item, progress, said }) => new Promise((resolve) => {
    const body = new FormData(form);
    body.set("file", file, file.name);
    const xhr = new XMLHttpRequest();
    xhr.open("POST", form.dataset.uploads);
    xhr.setRequestHeader("HX-Request", "true");
    xhr.upload.addEventListener("progress", (event) => { progress.value = event.loaded / event.total; });
    xhr.addEventListener("loadend", () => {
      const isTaken = xhr.status === 200;
      item.className = isTaken ? "is-taken" : "is-refused";
      progress.remove();
      said.textContent = isTaken ? words(form).done : refusal(xhr, form);
      resolve(isTaken);
    });
    xhr.send(body);
  });

  // The list is fetched anew once all are through; what was refused stays to be read.
  const sendAll = async (form, files) => {
    form.querySelector(".uploads").replaceChildren();
    const lines = files.map((file) => line(form, file));
    form.setAttribute("aria-busy", "true");
    for (const [place, file] of files.entries()) await send(form, file, lines[place]);
    form.removeAttribute("aria-busy");
    const panel = form.closest("#files");
    await htmx.ajax("GET", form.dataset.uploads, { target: panel, swap: form.dataset.swap });
    const list = document.querySelector("#files .uploads");
    list?.append(...lines.map(({ item }) => item));
    document.querySelector("#files form[data-uploads] input[type=file]")?.focus();
  };

  document.addEventListener("submit", (event) => {
    const form = formOf(event.target);
    const files = form && [...form.querySelector("input[type=file]").files];
    if (!files?.length) return;
    event.preventDefault();
    sendAll(form, files);
  }, true);

  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const form = formOf(event.target);
      if (!form || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("is-over", kind === "dragenter" || kind === "dragover");
      if (kind === "drop") sendAll(form, [...event.dataTransfer.files]);
    });
  }

  document.addEventListener("paste", (event) => {
    const form = formOf(event.target);
    const files = [...event.clipboardData.files];
    if (!form || !files.length) return;
    event.preventDefault();
    const stamp = new Date().toLocaleString("sv").replace(/\D/g, "").slice(0, 14);
    sendAll(form, files.map((file, place) => file.name === "image.png"
      ? new File([file], `${words(form).pasted}-${stamp}-${place + 1}.png`, { type: file.type }) : file));
  });
})();
