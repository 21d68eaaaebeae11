// The page is whole without this: it adds search and sorting, and opens what a link points into.
for (const input of document.querySelectorAll('input[data-filters]')) addSearch(input);
for (const table of document.querySelectorAll('table.sortable')) addSorting(table);
addEventListener('hashchange', openTarget);
openTarget();

function addSearch(input) {
  const rows = [...document.getElementById(input.dataset.filters).tBodies[0].rows];
  const found = document.querySelector(`output[for="${input.id}"]`);
  input.closest('[hidden]').hidden = false;
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    found.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
  });
}

function addSorting(table) {
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...heading.childNodes);
    button.addEventListener('click', () => sortBy(table, heading));
    heading.append(button);
  }
}

function sortBy(table, heading) {
  const down = heading.ariaSort === 'ascending';
  for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
  heading.ariaSort = down ? 'descending' : 'ascending';
  const text = (row) => row.cells[heading.cellIndex].textContent;
  const { compare } = new Intl.Collator('en', { numeric: true });
  const rows = [...table.tBodies[0].rows].sort((left, right) => compare(text(left), text(right)));
  table.tBodies[0].append(...(down ? rows.reverse() : rows));
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let element = target; element; element = element.parentElement) {
    if (element instanceof HTMLDetailsElement) element.open = true;
  }
  target?.scrollIntoView();
}
