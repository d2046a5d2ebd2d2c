"use strict";
// Sorting and filtering of the table of submissions; without this, the table is complete all the same.
const table = document.querySelector("#submissions"), blocks = [...table.tBodies];
const rows = blocks.flatMap(block => [...block.rows]), size = blocks[0]?.rows.length;
document.querySelector("#tools").hidden = false;
// Rows that are shown come first: every block but the last of them is full, and as high as the style sheet expects.
function arrange() {
  const order = [...rows.filter(row => !row.hidden), ...rows.filter(row => row.hidden)];
  blocks.forEach((block, number) => {
    block.hidden = order[number * size].hidden;
    block.append(...order.slice(number * size, (number + 1) * size));
  });
}
table.querySelectorAll("thead th").forEach((head, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("[aria-sort]").forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = row => row.cells[column].dataset.sort ?? row.cells[column].textContent;
    const compare = new Intl.Collator(undefined, { numeric: true }).compare;
    rows.sort((a, b) => (down ? -1 : 1) * compare(key(a), key(b)));
    arrange();
  });
});
const said = document.querySelector("#shown");
document.querySelector("#filter").addEventListener("input", event => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every(word => text.includes(word));
    shown += !row.hidden;
  }
  arrange();
  said.textContent = `${shown} of ${rows.length} shown`;
});
