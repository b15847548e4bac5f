// The answer's editor: keeps what is typed, on disk every two seconds and in this tab at once; counts the time.
// Without this script the form still hands in.
"use strict";

(() => {
  const SAVE_EVERY = 2000;
  const form = document.getElementById("answer");
  const text = document.getElementById("text");
  const saved = document.getElementById("saved");
  const trouble = document.getElementById("trouble");
  const say = form.dataset;
  const key = `mockint:${say.key}`;
  const began = performance.now();
  const spentBefore = Number(say.spent);
  let onDisk = text.value;
  let saving = null;
  let handedIn = false;

  // What this tab holds is newer than what any disk does: it is written with every key.
  const here = readTab(key);
  if (here !== null && here !== text.value) text.value = here;
  forgetOtherParts(key);
  const named = writerOfThisTab().then((name) => {
    form.elements.writer.value = name;
  });
  showOtherDrafts();
  grow();
  text.setSelectionRange(text.value.length, text.value.length);

  text.addEventListener("input", () => {
    writeTab(key, text.value);
    grow();
  });
  text.addEventListener("blur", () => save());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
  window.addEventListener("pagehide", () => save(true));
  setInterval(save, SAVE_EVERY);
  setInterval(tick, 500);
  tick();
  named.then(() => save());

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-hand-in]"));
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (handedIn) return;
    handedIn = true;
    const button = event.submitter || form.querySelector("[data-hand-in]");
    button.setAttribute("aria-busy", "true");
    await named;
    await saving;
    const body = fields();
    if (button.name) body.set(button.name, button.value);
    try {
      const reply = await post(button.getAttribute("formaction") || form.action, body);
      const said = await reply.json();
      if (said.next) {
        if (!("stays" in button.dataset)) dropTab(key);
        location.assign(said.next);
        return;
      }
      complain(said.error);
      if (reply.status === 409) onwards();
    } catch {
      complain(say.sayNotHandedIn);
    }
    button.removeAttribute("aria-busy");
    handedIn = false;
  });

  for (const button of document.querySelectorAll("[data-use-draft]")) {
    button.addEventListener("click", () => {
      const words = button.closest(".draft").querySelector(".said").textContent;
      text.value = text.value.trim() ? `${text.value.trimEnd()}\n\n${words}` : words;
      text.dispatchEvent(new Event("input"));
      text.focus();
    });
  }

  function seconds() {
    return spentBefore + (performance.now() - began) / 1000;
  }

  function fields() {
    form.elements.seconds.value = seconds().toFixed(1);
    return new URLSearchParams(new FormData(form));
  }

  function post(address, body, options = {}) {
    const headers = { "X-Requested-With": "fetch" };
    return fetch(address, { method: "POST", body, headers, ...options });
  }

  function save(leaving = false) {
    if (handedIn || text.value === onDisk || !form.elements.writer.value || (saving && !leaving)) return;
    const words = text.value;
    saved.textContent = say.saySaving;
    const sent = post(say.draft, fields(), { keepalive: leaving === true && words.length < 15000 })
      .then((reply) => (reply.ok ? reply.json() : Promise.reject(new Error(String(reply.status)))))
      .then((said) => {
        onDisk = words;
        saved.textContent = `${say.saySaved} ${said.saved}`;
        if (said.answered) {
          complain(say.sayElsewhere);
          onwards();
        } else trouble.hidden = true;
      })
      .catch(() => {
        saved.textContent = "";
        complain(say.sayNotSaved);
      })
      .finally(() => {
        saving = null;
      });
    saving = sent;
  }

  function complain(words) {
    if (trouble.textContent !== words) trouble.textContent = words;
    trouble.hidden = false;
  }

  function onwards() {
    document.getElementById("onwards").hidden = false;
  }

  function tick() {
    const clock = document.getElementById("clock");
    if (clock) {
      const over = seconds() - Number(say.limit);
      clock.querySelector("time").textContent = minutes(seconds());
      clock.querySelector(".over").hidden = over < 1;
      clock.querySelector("b").textContent = minutes(Math.max(0, over));
      clock.hidden = false;
    }
    const left = document.getElementById("left");
    if (left) {
      const rest = Number(say.remaining) - (performance.now() - began) / 1000;
      left.querySelector("time").textContent = (rest < 0 ? "−" : "") + minutes(Math.abs(rest));
      left.classList.toggle("over", rest < 0);
      left.hidden = false;
    }
  }

  function minutes(count) {
    const whole = Math.floor(count);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 4}px`;
  }

  function showOtherDrafts() {
    const section = document.getElementById("drafts");
    if (!section) return;
    for (const draft of section.querySelectorAll(".draft")) {
      draft.hidden = text.value.includes(draft.querySelector(".said").textContent);
    }
    section.hidden = !section.querySelector(".draft:not([hidden])");
  }

  // A name for this window. A duplicated tab takes its storage along, but not the lock on its name.
  async function writerOfThisTab() {
    let name = readTab("mockint:writer") || newName();
    if (navigator.locks && !(await held(name))) {
      name = newName();
      await held(name);
    }
    writeTab("mockint:writer", name);
    return name;
  }

  function held(name) {
    return new Promise((answer) => {
      navigator.locks.request(`mockint:${name}`, { ifAvailable: true }, (lock) => {
        answer(lock !== null);
        return lock && new Promise(() => {});
      }).catch(() => answer(true));
    });
  }

  function newName() {
    return `tab-${Array.from(crypto.getRandomValues(new Uint8Array(6)), (one) => one.toString(16).padStart(2, "0")).join("")}`;
  }

  function forgetOtherParts(current) {
    try {
      for (const name of Object.keys(sessionStorage)) {
        if (name.startsWith("mockint:2") && name !== current) sessionStorage.removeItem(name);
      }
    } catch {}
  }

  function readTab(name) {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null;
    }
  }

  function writeTab(name, value) {
    try {
      sessionStorage.setItem(name, value);
    } catch {}
  }

  function dropTab(name) {
    try {
      sessionStorage.removeItem(name);
    } catch {}
  }
})();
