(function () {
  function value(cell) {
    var given = cell.dataset.value !== undefined ? cell.dataset.value : cell.textContent.trim();
    var number = parseFloat(given);
    return given !== '' && !isNaN(number) && /^[-+0-9.]/.test(given) ? number : given.toLowerCase();
  }
  document.querySelectorAll('table.sortable').forEach(function (table) {
    var body = table.tBodies[0], heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      head.tabIndex = 0;
      head.setAttribute('role', 'button');
      function sort() {
        var down = head.getAttribute('aria-sort') === 'ascending';
        heads.forEach(function (other) { other.removeAttribute('aria-sort'); });
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        Array.from(body.rows).map(function (row, order) { return { row: row, order: order, value: value(row.cells[column]) }; })
          .sort(function (a, b) {
            var byType = (typeof a.value === 'number' ? 0 : 1) - (typeof b.value === 'number' ? 0 : 1);
            var by = byType || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
            return (down ? -by : by) || a.order - b.order;
          })
          .forEach(function (each) { body.appendChild(each.row); });
      }
      head.addEventListener('click', sort);
      head.addEventListener('keydown', function (event) { if (event.key === 'Enter') { sort(); } });
    });
  });
})();
