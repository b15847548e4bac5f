// Verdicts as they come. When the stream breaks, the page without it shows the same.
"use strict";

(() => {
  const stream = document.getElementById("stream");
  const waiting = document.getElementById("waiting");
  const events = new EventSource(stream.dataset.events);
  const told = (event) => JSON.parse(event.data);

  events.addEventListener("row", (event) => {
    waiting.hidden = true;
    document.getElementById("rows").insertAdjacentHTML("beforeend", told(event));
  });
  events.addEventListener("rest", (event) => {
    waiting.hidden = true;
    const rest = document.getElementById("rest");
    rest.insertAdjacentHTML("beforeend", told(event));
    if (!document.getElementById("rows").children.length) stream.hidden = true;
    for (const hint of document.querySelectorAll("main > p.hint")) hint.hidden = true;
  });
  events.addEventListener("count", (event) => {
    const count = document.getElementById("count");
    count.textContent = count.dataset.say.replace("#", told(event));
  });
  events.addEventListener("done", () => {
    events.close();
    if (stream.dataset.next) location.replace(stream.dataset.next);
    else history.replaceState(null, "", stream.dataset.plain);
  });
  events.onerror = () => {
    events.close();
    waiting.hidden = false;
    waiting.textContent = stream.dataset.sayBroken;
    setTimeout(() => location.replace(stream.dataset.plain), 2000);
  };
})();
