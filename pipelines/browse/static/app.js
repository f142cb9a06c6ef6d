// Small helps; every page works without them.
document.addEventListener("input", (event) => {
  // the slider over versions: show which one it stands at
  const slider = event.target.closest("input[data-versions]");
  if (!slider) return;
  const version = document.querySelectorAll("#versions option")[slider.value];
  document.querySelector("#at").textContent = version.label;
});
document.addEventListener("change", (event) => {
  const slider = event.target.closest("input[data-versions]");
  if (!slider) return;
  const version = document.querySelectorAll("#versions option")[slider.value];
  htmx.ajax("GET", version.dataset.href, { target: "main", select: "main", swap: "outerHTML" })
    .then(() => { history.pushState({}, "", version.dataset.href); document.querySelector("input[data-versions]")?.focus(); });
});
addEventListener("popstate", () => location.reload());
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  fetch(button.dataset.copy).then((reply) => reply.text()).then((text) => navigator.clipboard.writeText(text))
    .then(() => { button.textContent = "Copied"; });
});
document.querySelectorAll("button[data-copy], .slider").forEach((element) => { element.hidden = false; });
document.addEventListener("htmx:afterSwap", () => {
  document.querySelectorAll(".slider").forEach((element) => { element.hidden = false; });
});
