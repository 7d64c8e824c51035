"""The grid of runs: rows come from the server a block at a time, as people scroll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag

if TYPE_CHECKING:
    from dash.development.base_component import Component

ROWS = 100
THEME = """themeQuartz.withParams({
  backgroundColor: 'var(--paper)', foregroundColor: 'var(--ink)', accentColor: 'var(--accent)',
  borderColor: 'var(--rule)', headerBackgroundColor: 'var(--paper)', headerTextColor: 'var(--muted)',
  chromeBackgroundColor: 'var(--paper)', rowHoverColor: 'var(--shade)', oddRowBackgroundColor: 'var(--paper)',
  selectedRowBackgroundColor: 'var(--shade)',
  fontFamily: 'var(--sans)', fontSize: 13, headerFontSize: 12, headerFontWeight: 500, spacing: 5,
  wrapperBorder: false, wrapperBorderRadius: 0, columnBorder: false, cellHorizontalPadding: 10
})"""


def run_grid(columns: Sequence[dict[str, Any]]) -> Component:
    """`columns` are what AG Grid calls column definitions; rows are asked for by `getRowsRequest`."""
    return dag.AgGrid(
        id="runs-grid",
        columnDefs=columns,
        rowModelType="infinite",
        getRowId="params.data.id",
        defaultColDef={"resizable": True, "sortable": True, "suppressHeaderMenuButton": True},
        dashGridOptions={
            "theme": {"function": THEME},
            "cacheBlockSize": ROWS,
            "maxBlocksInCache": 20,
            "maxConcurrentDatasourceRequests": 1,  # the component keeps one request, and would lose the other
            "rowSelection": {"mode": "multiRow", "checkboxes": True, "headerCheckbox": False},
            "selectionColumnDef": {"width": 40, "pinned": "left"},
            "suppressFieldDotNotation": True,
            "suppressCellFocus": False,
            "ensureDomOrder": True,
            "localeText": {"noRowsToShow": "No run passes the filter."},
        },
        style={"height": "calc(100vh - 19rem)", "minHeight": "20rem", "width": "100%"},
    )
