// Keeps the list of waiting callers up to date. Runs on the desk alone, where no PIN is typed
// (decision 28). The server renders the list; this only puts it in place.
"use strict";
const EVERY_MS = 5000;
const list = document.getElementById("waiting");
const news = document.getElementById("news");
const title = document.title;
const count = () => Number(document.getElementById("waiting-head").dataset.count);
let shown = "";

function show(text) {
  const before = count();
  const focused = document.activeElement && document.activeElement.id;
  list.innerHTML = text;
  if (focused) document.getElementById(focused)?.focus();
  document.title = count() ? `(${count()}) ${title}` : title;
  if (count() > before) news.textContent = "A call is waiting.";
  else if (count() < before) news.textContent = "";
}

async function update() {
  try {
    const answer = await fetch("/desk/waiting" + location.search, { cache: "no-store" });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    if (text !== shown) show(text);
    shown = text;
    delete list.dataset.stale;
  } catch {
    list.dataset.stale = "";
    news.textContent = "This list is not up to date: ELMS does not answer. Trying again.";
  }
  setTimeout(update, EVERY_MS);
}

document.title = count() ? `(${count()}) ${title}` : title;
setTimeout(update, EVERY_MS);
