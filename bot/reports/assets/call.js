"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const tracks = $("tracks"), scroll = $("scroll"), audio = $("audio"), handle = $("handle");
  const over = tracks.querySelector(".over"), marks = [...tracks.querySelectorAll(".mark")];
  const lines = [...document.querySelectorAll(".talk > ol > li")];
  const duration = Number(tracks.dataset.duration);
  const STEPS = [50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000, 300000, 600000];
  let zoom = 1, pointed = null;

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const clock = (ms) => {
    const hundredths = Math.floor(Math.max(0, ms) / 10), s = Math.floor(hundredths / 100);
    return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}.${String(hundredths % 100).padStart(2, "0")}`;
  };
  const brief = (ms) => (ms % 1000 ? clock(ms) : clock(ms).slice(0, -3));

  // -- axis and zoom ------------------------------------------------------------------------
  function drawTicks() {
    const least = 4.5 * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const perPixel = duration / over.clientWidth;
    const step = STEPS.find((one) => one / perPixel >= least) || 600000;
    const drawn = [];
    for (let at = 0; at < duration; at += step) {
      const line = document.createElement("i");
      line.style.left = `${(100 * at) / duration}%`;
      if ((duration - at) / perPixel > least * 0.8) {
        line.append(Object.assign(document.createElement("b"), { textContent: brief(at) }));
      }
      drawn.push(line);
    }
    $("ticks").replaceChildren(...drawn);
  }

  function zoomTo(wanted, clientX) {
    const view = scroll.getBoundingClientRect(), gutter = over.offsetLeft;
    const x = clamp(clientX ?? xOf(now()), view.left + gutter, view.right) - view.left - gutter;
    const share = (scroll.scrollLeft + x) / over.clientWidth;
    const widest = Math.min(100000, duration * 0.4) / (over.clientWidth / zoom);
    zoom = clamp(wanted, 1, Math.max(1, widest));
    tracks.style.setProperty("--zoom", zoom);
    drawTicks();
    scroll.scrollLeft = share * over.clientWidth - x;
    $("out").disabled = $("fit").disabled = zoom === 1;
  }

  $("in").addEventListener("click", () => zoomTo(zoom * 1.6));
  $("out").addEventListener("click", () => zoomTo(zoom / 1.6));
  $("fit").addEventListener("click", () => zoomTo(1));
  $("out").disabled = $("fit").disabled = true;
  scroll.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomTo(zoom * Math.exp(-event.deltaY / 300), event.clientX);
  }, { passive: false });
  new ResizeObserver(drawTicks).observe(scroll);

  // -- playing ------------------------------------------------------------------------------
  const now = () => (audio ? audio.currentTime * 1000 : 0);
  const xOf = (ms) => over.getBoundingClientRect().left + (ms / duration) * over.clientWidth;
  const timeAt = (clientX) => {
    const box = over.getBoundingClientRect();
    return clamp(((clientX - box.left) / box.width) * duration, 0, duration);
  };
  const within = (element, ms) => {
    const at = Number(element.dataset.at), end = Number(element.dataset.end);
    return at <= ms && ms < Math.max(end, at + 150);
  };

  function seek(ms, show) {
    if (!audio) return;
    audio.currentTime = clamp(ms, 0, duration - 1) / 1000;
    follow(show);
    moved();
  }

  function follow(always) {
    const view = scroll.getBoundingClientRect(), x = xOf(now());
    const left = view.left + over.offsetLeft;
    if (!always && audio.paused) return;
    if (x < left || x > view.right - 0.1 * view.width) {
      scroll.scrollLeft += x - left - 0.15 * (view.right - left);
    }
  }

  function moved() {
    const ms = now();
    $("head").style.left = `${(100 * ms) / duration}%`;
    $("now").textContent = clock(ms);
    for (const element of marks) element.classList.toggle("on", within(element, ms));
    for (const line of lines) {
      const here = within(line, ms);
      line.classList.toggle("now", here);
      if (here) line.setAttribute("aria-current", "time"); else line.removeAttribute("aria-current");
    }
    const said = current();
    handle.setAttribute("aria-valuenow", (ms / 1000).toFixed(2));
    handle.setAttribute("aria-valuetext", clock(ms) + (said ? `, ${said.dataset.noun}: ${said.dataset.text}` : ""));
    if (!pointed) tell(said);
  }
  const current = () => marks.find((one) => one.classList.contains("on") && /reply|caller/.test(one.parentElement.className));

  function frame() {
    follow(false);
    moved();
    if (!audio.paused) requestAnimationFrame(frame);
  }

  const toggle = () => audio && (audio.paused ? audio.play() : audio.pause());
  if (audio) {
    const playing = (is) => {
      const face = is ? "Pause" : "Play";
      $("play").classList.toggle("playing", is);
      $("play").setAttribute("aria-label", face);
      $("play").querySelector(".face").textContent = face;
    };
    $("play").addEventListener("click", toggle);
    $("speed").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
    audio.addEventListener("play", () => { playing(true); frame(); });
    audio.addEventListener("pause", () => playing(false));
    audio.addEventListener("seeked", moved);
  }

  // -- details ------------------------------------------------------------------------------
  function tell(mark) {
    const [time, text, detail] = $("readout").children;
    const data = mark ? mark.dataset : { time: "", noun: "", text: "", detail: "" };
    time.textContent = mark ? `${data.time} ${data.noun}` : "";
    text.textContent = mark ? data.text : "Point at a mark or move the playhead to read it here.";
    $("readout").classList.toggle("idle", !mark);
    detail.textContent = data.detail;
  }
  const point = (mark) => { pointed = mark; tell(mark || current()); };
  tracks.addEventListener("pointerover", (event) => point(event.target.closest(".mark")));
  tracks.addEventListener("pointerleave", () => { point(null); $("ghost").hidden = true; });
  tracks.addEventListener("focusin", (event) => point(event.target.closest(".mark")));
  tracks.addEventListener("focusout", () => point(null));

  // -- pointer: a click seeks, a drag pans ---------------------------------------------------
  let drag = null;
  tracks.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.pointerType === "mouse" && event.target !== handle) {
      drag = { x: event.clientX, left: scroll.scrollLeft, moved: false };
    }
  });
  window.addEventListener("pointermove", (event) => {
    if (drag && (drag.moved || Math.abs(event.clientX - drag.x) > 4)) {
      drag.moved = true;
      tracks.classList.add("panning");
      scroll.scrollLeft = drag.left - (event.clientX - drag.x);
    }
  });
  window.addEventListener("pointerup", () => {
    tracks.classList.remove("panning");
    setTimeout(() => { drag = null; });
  });
  tracks.addEventListener("click", (event) => {
    if ((drag && drag.moved) || event.target.closest(".name") || event.target === handle) return;
    const mark = event.target.closest(".mark");
    seek(mark ? Number(mark.dataset.at) : timeAt(event.clientX));
  });
  tracks.addEventListener("pointermove", (event) => {
    const ghost = $("ghost"), at = timeAt(event.clientX);
    ghost.hidden = event.pointerType !== "mouse" || Boolean(event.target.closest(".name"));
    ghost.style.left = `${(100 * at) / duration}%`;
    ghost.classList.toggle("flip", event.clientX > scroll.getBoundingClientRect().right - 90);
    ghost.firstChild.textContent = clock(at);
  });
  if (handle) {
    handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
    handle.addEventListener("pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) seek(timeAt(event.clientX));
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-seek]");
    if (button) seek(Number(button.dataset.seek), true);
  });

  // -- keyboard -----------------------------------------------------------------------------
  if (marks.length) marks[0].tabIndex = 0;
  function step(from, key) {
    const rows = [...tracks.querySelectorAll(".lane")].map((row) => [...row.querySelectorAll(".mark")]);
    const row = rows.findIndex((one) => one.includes(from)), column = rows[row].indexOf(from);
    const beside = { ArrowLeft: column - 1, ArrowRight: column + 1, Home: 0, End: rows[row].length - 1 };
    let to = rows[row][beside[key]];
    const next = rows[row + { ArrowUp: -1, ArrowDown: 1 }[key]];
    if (next) {
      const far = (one) => Math.abs(Number(one.dataset.at) - Number(from.dataset.at));
      to = next.reduce((best, one) => (far(one) < far(best) ? one : best));
    }
    if (!to) return;
    from.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  }
  const SEEKS = { ArrowLeft: -1000, ArrowDown: -1000, ArrowRight: 1000, ArrowUp: 1000, PageDown: -10000, PageUp: 10000 };
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inside = target.closest(".scroll"), idle = target === document.body;
    if (!inside && !idle) return;
    const mark = target.closest(".mark");
    const moves = key === "Home" || key === "End" || key in SEEKS;
    if (key === " ") toggle();
    else if (mark && moves) step(mark, key);
    else if (target === handle && key === "Home") seek(0, true);
    else if (target === handle && key === "End") seek(duration, true);
    else if (target === handle && moves) seek(now() + SEEKS[key], true);
    else if (/^Arrow(Left|Right)$/.test(key) && audio) seek(now() + SEEKS[key], true);
    else if (inside && (key === "+" || key === "=")) zoomTo(zoom * 1.6);
    else if (inside && key === "-") zoomTo(zoom / 1.6);
    else return;
    event.preventDefault();
  });

  // -- paper --------------------------------------------------------------------------------
  const details = [...document.querySelectorAll("details")];
  window.addEventListener("beforeprint", () => details.forEach((one) => { one.open = true; }));
  window.addEventListener("afterprint", () => details.forEach((one) => { one.open = false; }));

  drawTicks();
  tell(null);
  if (audio) moved();
})();
