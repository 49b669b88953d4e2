// The list of builds while it stays open: rows change as builds are read, and new ones come in on top.
"use strict";

{
  const list = document.getElementById("builds");
  const path = list.dataset.follow;
  let stream;
  let opened = false;

  const put = ({ id, revision, row, count }) => {
    for (const said of document.querySelectorAll("[data-live-count]")) said.textContent = count;
    const rows = document.getElementById("rows");
    const old = document.getElementById(`b-${id}`);
    if (old ? Number(old.dataset.revision) >= revision : !("takesNew" in list.dataset)) return;
    if (!rows) {
      refresh();
      return;
    }
    const holder = document.createElement("template");
    holder.innerHTML = row.trim();
    const fresh = holder.content.firstElementChild;
    if (old) {
      // What somebody has chosen or stands on stays so.
      const box = fresh.querySelector("[name=chosen]");
      if (box) box.checked = old.querySelector("[name=chosen]")?.checked ?? false;
      const focused = old.contains(document.activeElement) ? [...old.querySelectorAll("a, input")].indexOf(document.activeElement) : -1;
      old.replaceWith(fresh);
      if (focused >= 0) [...fresh.querySelectorAll("a, input")][focused]?.focus();
    } else {
      fresh.classList.add("is-new");
      rows.prepend(fresh);
    }
  };

  // The list once more, where too much was missed to follow it row by row.
  const refresh = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const table = list.querySelector("table");
    const fresh = page.getElementById("builds");
    if (table && fresh?.querySelector("table")) table.replaceWith(fresh.querySelector("table"));
    else if (fresh) location.reload();
  };

  const follow = () => {
    stream = new EventSource(path);
    stream.addEventListener("build", (event) => put(JSON.parse(event.data)));
    stream.addEventListener("error", () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      clearTimeout(follow.later);
      follow.later = setTimeout(() => { if (!document.hidden) follow(); }, 10000);
    });
    opened = true;
  };

  // A page that nobody sees holds no connection: browsers have six for a server, shared by all its tabs.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stream?.close();
    else if (opened) refresh().finally(follow);
    else follow();
  });
  addEventListener("pagehide", () => stream?.close());
  if (!document.hidden) follow();
}
