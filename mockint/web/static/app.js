// On every page: a form is handed in once, and Ctrl+Enter goes on.
"use strict";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.id === "answer") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const onwards = document.querySelector("[data-continue]");
  if (!onwards || document.getElementById("answer")) return;
  event.preventDefault();
  onwards.click();
});
