// Uploads: files are chosen or dropped, go one after another, say how far they are, and can be paused.
// They go by tus (vendor/tus.min.js): what breaks off goes on by itself, and after a reload when the same file is chosen
// again, because the browser keeps the address of each upload that is not finished.
"use strict";

{
  const dialog = document.getElementById("upload");
  const form = document.getElementById("upload-form");
  const chooser = document.getElementById("upload-files");
  const list = document.getElementById("upload-list");
  const start = document.getElementById("upload-start");
  const veil = document.getElementById("drop-veil");
  const shape = document.getElementById("upload-item");
  const interrupted = document.getElementById("upload-interrupted");
  const words = JSON.parse(form.dataset.words);
  const endpoint = new URL(form.dataset.uploads, location.href).href;
  const proof = "[hx-headers\\:inherited]";
  const proofIn = (page) => JSON.parse(page.querySelector(proof).getAttribute("hx-headers:inherited"));
  const memory = tus.defaultOptions.urlStorage;
  const items = [];
  let headers = proofIn(document);
  let running = 0;

  // Below what proxies let through; and all that one of them, collecting a whole request, loses with a connection.
  const CHUNK = 64 * 1024 * 1024;
  const DELAYS = [0, 1000, 2000, 4000, 8000, 15000, 30000];

  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const size = (bytes) => bytes < 1e6 ? `${number.format(bytes / 1e3)} kB` : bytes < 1e9 ? `${number.format(bytes / 1e6)} MB` : `${number.format(bytes / 1e9)} GB`;
  const span = (seconds) => seconds < 60 ? `${Math.max(1, Math.round(seconds))} s` : seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${number.format(seconds / 3600)} h`;
  const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const percent = (share) => `${Math.floor(share * 100)} %`;

  // What the API says is wrong, in the page's words where it has some, and field by field; a proxy's page by its status.
  const said = (response) => {
    let answer = {};
    try { answer = JSON.parse(response.getBody()); } catch { /* no envelope */ }
    const { code, message, data } = answer.error ?? {};
    const known = words.refused[data?.itemName] ?? words.refused[code];
    const limit = data?.itemName === "builds" ? number.format(data.limit) : size(data?.limit ?? 0);
    const details = Object.entries(data?.fields ?? {}).map(([name, text]) => `${name} ${text}`);
    return [known ? fill(known, { limit }) : message ?? `HTTP ${response.getStatus()}`, ...details].join(" · ");
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

  const BUTTONS = { cancel: ["chosen", "waiting", "running", "paused", "lost", "out"], pause: ["running"], resume: ["paused", "lost", "out"], retry: ["failed", "cancelled"], signIn: ["out"] };
  const NAMES = { cancel: "cancel", pause: "pause", resume: "resume", retry: "retry", signIn: "sign-in" };

  const show = (item, state, text) => {
    const focused = document.activeElement;
    item.state = state;
    item.row.dataset.state = state;
    item.row.querySelector("[data-said]").textContent = text;
    for (const [name, states] of Object.entries(BUTTONS)) item.row.querySelector(`[data-${NAMES[name]}]`).hidden = !states.includes(state);
    // Whoever works by keys stays where they were: at the button that undoes the one they pressed.
    if (focused && focused.hidden && item.row.contains(focused)) item.row.querySelector("button:not([hidden])")?.focus();
    start.disabled = !items.some((one) => one.state === "chosen");
  };

  const add = (files) => {
    for (const file of files) {
      const row = shape.content.firstElementChild.cloneNode(true);
      const item = { file, row, fields: [], share: 0 };
      row.querySelector("[data-name]").textContent = file.name;
      row.querySelector("[data-size]").textContent = size(file.size);
      row.querySelector("progress").setAttribute("aria-label", fill(words.uploading, { name: file.name }));
      row.querySelector("[data-cancel]").addEventListener("click", () => cancel(item));
      row.querySelector("[data-pause]").addEventListener("click", () => pause(item));
      row.querySelector("[data-resume]").addEventListener("click", () => { show(item, "waiting", words.waiting); next(); });
      row.querySelector("[data-retry]").addEventListener("click", () => { item.transfer = undefined; show(item, "waiting", words.waiting); next(); });
      items.push(item);
      list.append(row);
      show(item, "chosen", "");
    }
    if (files.length && !dialog.open) dialog.showModal();
    if (files.length) start.focus();
  };

  const leave = (item, state, text) => {
    if (item.state === "running") running -= 1;
    show(item, state, text);
    announce(text);
    next();
  };

  const pause = async (item) => {
    leave(item, "paused", fill(words.paused, { share: percent(item.share) }));
    await item.transfer.abort();
  };

  const cancel = (item) => {
    const transfer = item.transfer;
    if (item.state === "chosen") { items.splice(items.indexOf(item), 1); item.row.remove(); start.disabled = !items.some((one) => one.state === "chosen"); return; }
    leave(item, "cancelled", words.cancelled);
    item.transfer = undefined;
    transfer?.abort(true).catch(() => { /* it is removed when its time is over */ });
  };

  const begin = (item) => {
    const speed = meter();
    const bar = item.row.querySelector("progress");
    return new tus.Upload(item.file, {
      endpoint,
      chunkSize: CHUNK,
      retryDelays: DELAYS,
      removeFingerprintOnSuccess: true,
      metadata: Object.fromEntries([...item.fields, ["filename", item.file.name]]),
      onBeforeRequest: (request) => { for (const [name, value] of Object.entries(headers)) request.setHeader(name, value); },
      onProgress: (sent, total) => {
        if (item.state !== "running") return;
        const rate = speed(sent);
        item.share = total ? sent / total : 0;
        bar.value = item.share;
        const left = rate > 0 ? ` · ${size(rate)}/s · ${fill(words.left, { time: span((total - sent) / rate) })}` : "";
        show(item, "running", sent >= total ? words.storing : `${percent(item.share)}${left}`);
      },
      onSuccess: () => {
        bar.value = 1;
        leave(item, "done", words.done);
        announce(fill(words.finished, { name: item.file.name }));
      },
      onError: (error) => {
        const response = error.originalResponse;
        if (item.state !== "running") return;
        if (response?.getStatus() === 401) leave(item, "out", words.signedOut);
        else if (response) leave(item, "failed", said(response));
        else if (navigator.onLine) leave(item, "failed", words.failed);
        else leave(item, "lost", words.lost);
      },
    });
  };

  // A page's proof against forgery ends with its session: somebody who signed in again has another one.
  const renewed = async () => {
    const page = await fetch(location.href, { headers: { Accept: "text/html" } });
    const text = new DOMParser().parseFromString(await page.text(), "text/html");
    if (!page.ok || !text.querySelector(proof)) return false;
    headers = proofIn(text);
    return true;
  };

  const send = async (item) => {
    running += 1;
    const again = item.transfer !== undefined;
    show(item, "running", words.waiting);
    announce(fill(again ? words.resumed : words.uploading, { name: item.file.name }));
    try {
      if (again && !(await renewed())) { leave(item, "out", words.signedOut); return; }
      if (!again) {
        item.row.querySelector("progress").value = 0;
        item.transfer = begin(item);
        const known = (await item.transfer.findPreviousUploads()).filter((one) => !items.some((other) => other !== item && other.transfer?.url === one.uploadUrl));
        if (known.length) {
          item.transfer.resumeFromPreviousUpload(known.at(-1));
          announce(fill(words.resumed, { name: item.file.name }));
        }
      }
      if (item.state === "running") item.transfer.start();
    } catch {
      leave(item, navigator.onLine ? "failed" : "lost", navigator.onLine ? words.failed : words.lost);
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
    const answers = new FormData(form);
    for (const name of ["notifyCollaborators", "notifyEmployees"]) if (!answers.has(name)) answers.append(name, "false");
    const fields = [...answers.entries()].filter(([, value]) => typeof value === "string" && value.trim());
    for (const item of items) if (item.state === "chosen") { item.fields = fields; show(item, "waiting", words.waiting); }
    next();
  });
  chooser.addEventListener("change", () => { add([...chooser.files]); chooser.value = ""; });
  dialog.addEventListener("close", () => {
    for (const item of [...items]) if (item.state === "done" || item.state === "cancelled") { items.splice(items.indexOf(item), 1); item.row.remove(); }
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
  addEventListener("online", () => {
    for (const item of items) if (item.state === "lost") show(item, "waiting", words.waiting);
    next();
  });

  memory.findAllUploads().then((known) => {
    const names = known.filter((one) => one.uploadUrl?.startsWith(endpoint)).map((one) => one.metadata.filename);
    if (!names.length) return;
    interrupted.textContent = fill(words.interrupted, { names: names.join(", ") });
    interrupted.hidden = false;
  });

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
