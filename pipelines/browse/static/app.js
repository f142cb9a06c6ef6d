// Small helps; every page works without them.
const slider = (event) => event.target.closest("input[data-versions]");
const chosen = (input) => document.querySelectorAll("#versions option")[input.value];
const show = () => {
  document.querySelectorAll(".slider").forEach((element) => { element.hidden = false; });
  // only where a browser lets a page write what one copies: on this machine, or with TLS
  document.querySelectorAll("button[data-copy]").forEach((element) => { element.hidden = !navigator.clipboard; });
};
document.addEventListener("input", (event) => {
  if (slider(event)) document.querySelector("#at").textContent = chosen(slider(event)).label;
});
document.addEventListener("change", (event) => {
  if (!slider(event)) return;
  const href = chosen(slider(event)).dataset.href;
  htmx.ajax("GET", href, { target: "#page", select: "#page", swap: "outerHTML" }).then(() => {
    history.replaceState({ slid: true }, "");
    history.pushState({ slid: true }, "", href);
    document.querySelector("input[data-versions]")?.focus();
  });
});
addEventListener("popstate", (event) => { if (event.state?.slid) location.reload(); });
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  fetch(button.dataset.copy).then((reply) => reply.text()).then((text) => navigator.clipboard.writeText(text))
    .then(() => { button.textContent = "Copied"; }, () => { button.textContent = "Could not be copied"; });
});
document.addEventListener("htmx:afterSwap", show);
show();
