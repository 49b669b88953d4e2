// Uploads: files are chosen or dropped, go one after another, and say how far they are.
// A transport is `(file, fields, path, headers, told) => ({ promise, cancel })`; another one that can go on where it
// stopped takes the place of `byForm` without a change of the rest.
"use strict";

{
  const dialog = document.getElementById("upload");
  const form = document.getElementById("upload-form");
  const chooser = document.getElementById("upload-files");
  const list = document.getElementById("upload-list");
  const start = document.getElementById("upload-start");
  const veil = document.getElementById("drop-veil");
  const shape = document.getElementById("upload-item");
  const words = JSON.parse(form.dataset.words);
  const headers = JSON.parse(document.querySelector("[hx-headers\\:inherited]").getAttribute("hx-headers:inherited"));
  const items = [];
  let running = 0;

  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const size = (bytes) => bytes < 1e6 ? `${number.format(bytes / 1e3)} kB` : bytes < 1e9 ? `${number.format(bytes / 1e6)} MB` : `${number.format(bytes / 1e9)} GB`;
  const span = (seconds) => seconds < 60 ? `${Math.max(1, Math.round(seconds))} s` : seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${number.format(seconds / 3600)} h`;
  const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const byForm = (file, fields, path, extra, told) => {
    const request = new XMLHttpRequest();
    const promise = new Promise((resolve, reject) => {
      request.upload.addEventListener("progress", (event) => told(event.loaded, event.total));
      request.addEventListener("load", () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* a proxy's page says it by its status */ }
        if (request.status === 200 && answer.status) resolve(answer.data);
        else {
          const details = Object.entries(answer.error?.data?.fields ?? {}).map(([name, text]) => `${name} ${text}`);
          reject(new Error([answer.error?.message ?? `HTTP ${request.status}`, ...details].join(" · ")));
        }
      });
      request.addEventListener("error", () => reject(new Error(words.failed)));
      request.addEventListener("timeout", () => reject(new Error(words.failed)));
      request.addEventListener("abort", () => reject(new DOMException(words.cancelled, "AbortError")));
    });
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    body.append("build", file, file.name);
    request.open("POST", path);
    for (const [name, value] of Object.entries(extra)) request.setRequestHeader(name, value);
    request.send(body);
    return { promise, cancel: () => request.abort() };
  };

  // Speed over the last seconds, not since the start: what is left is told by what the line gives now.
  const meter = () => {
    const seen = [];
    return (sent) => {
      const now = performance.now();
      seen.push([now, sent]);
      while (seen.length > 2 && now - seen[0][0] > 4000) seen.shift();
      const [at, before] = seen[0];
      return now > at ? ((sent - before) / (now - at)) * 1000 : 0;
    };
  };

  const show = (item, state, said) => {
    item.state = state;
    item.row.dataset.state = state;
    item.row.querySelector("[data-said]").textContent = said;
    item.row.querySelector("[data-retry]").hidden = state !== "failed" && state !== "cancelled";
    item.row.querySelector("[data-cancel]").hidden = state !== "waiting" && state !== "running" && state !== "chosen";
    start.disabled = !items.some((one) => one.state === "chosen");
  };

  const add = (files) => {
    for (const file of files) {
      const row = shape.content.firstElementChild.cloneNode(true);
      const item = { file, row, fields: [] };
      row.querySelector("[data-name]").textContent = file.name;
      row.querySelector("[data-size]").textContent = size(file.size);
      row.querySelector("progress").setAttribute("aria-label", fill(words.uploading, { name: file.name }));
      row.querySelector("[data-cancel]").addEventListener("click", () => {
        if (item.transfer) item.transfer.cancel();
        else if (item.state === "chosen") { items.splice(items.indexOf(item), 1); row.remove(); start.disabled = !items.some((one) => one.state === "chosen"); }
        else show(item, "cancelled", words.cancelled);
      });
      row.querySelector("[data-retry]").addEventListener("click", () => { show(item, "waiting", words.waiting); next(); });
      items.push(item);
      list.append(row);
      show(item, "chosen", "");
    }
    if (files.length && !dialog.open) dialog.showModal();
    if (files.length) start.focus();
  };

  const send = async (item) => {
    const bar = item.row.querySelector("progress");
    const speed = meter();
    running += 1;
    bar.value = 0;
    show(item, "running", words.waiting);
    announce(fill(words.uploading, { name: item.file.name }));
    try {
      item.transfer = byForm(item.file, item.fields, form.dataset.upload, headers, (sent, total) => {
        const rate = speed(sent);
        bar.value = total ? sent / total : 0;
        const left = rate > 0 ? ` · ${size(rate)}/s · ${fill(words.left, { time: span((total - sent) / rate) })}` : "";
        show(item, "running", sent >= total ? words.storing : `${Math.floor((sent / total) * 100)} %${left}`);
      });
      await item.transfer.promise;
      bar.value = 1;
      show(item, "done", words.done);
      announce(fill(words.finished, { name: item.file.name }));
    } catch (error) {
      show(item, error.name === "AbortError" ? "cancelled" : "failed", error.message);
      announce(error.message);
    } finally {
      item.transfer = undefined;
      running -= 1;
      next();
    }
  };

  // One at a time: two would share the same line, and both would end later.
  const next = () => {
    const item = items.find((one) => one.state === "waiting");
    if (item && !running) send(item);
    else if (!item && !running && dialog.open && items.length && items.every((one) => one.state === "done")) dialog.close();
  };

  start.addEventListener("click", () => {
    // A box that is not ticked says no: without a word the app's own default would count.
    const said = new FormData(form);
    for (const name of ["notifyCollaborators", "notifyEmployees"]) if (!said.has(name)) said.append(name, "false");
    const fields = [...said.entries()].filter(([, value]) => typeof value === "string" && value.trim());
    for (const item of items) if (item.state === "chosen") { item.fields = fields; show(item, "waiting", words.waiting); }
    next();
  });
  chooser.addEventListener("change", () => { add([...chooser.files]); chooser.value = ""; });
  dialog.addEventListener("close", () => {
    for (const item of [...items]) if (item.state === "done" || item.state === "cancelled") { items.splice(items.indexOf(item), 1); item.row.remove(); }
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });

  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragenter", (event) => { if (hasFiles(event)) { depth += 1; veil.hidden = false; event.preventDefault(); } });
  addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  addEventListener("dragleave", (event) => { if (hasFiles(event)) { depth = Math.max(0, depth - 1); veil.hidden = depth === 0; } });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    veil.hidden = true;
    add([...event.dataTransfer.files]);
  });
}
