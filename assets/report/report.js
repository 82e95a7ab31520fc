"use strict"
// Search and filters over what stands in the page; without this script all of it is shown.
const byId = (id) => document.getElementById(id)
const search = byId("search")
const task = byId("task")
const reason = byId("reason")
const side = byId("side")
const found = byId("found")
const cards = Array.from(document.querySelectorAll("article[data-task]"), (node) => ({
  node,
  task: node.dataset.task,
  reason: node.dataset.reason,
  side: node.dataset.side,
  text: node.textContent.toLowerCase(),
}))
const update = () => {
  const words = search.value
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
  let shown = 0
  for (const card of cards) {
    const fits =
      (task.value === "" || card.task === task.value) &&
      (side.value === "" || card.side === side.value) &&
      (reason.value === "" || card.reason === undefined || card.reason === reason.value) &&
      words.every((word) => card.text.includes(word))
    card.node.hidden = !fits
    if (fits) shown++
  }
  found.textContent = `${shown} of ${cards.length} shown`
}
for (const control of [search, task, side, reason]) control.addEventListener("input", update)
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "")
  if (event.key === "/" && !typing) {
    event.preventDefault()
    search.focus()
  } else if (event.key === "Escape" && document.activeElement === search) {
    search.value = ""
    update()
  }
})
byId("controls").hidden = false
update()
