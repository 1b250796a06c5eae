/** The picture of the mounts and the curve of the last hour. */
export const DRAWING_STYLE = `
.picture { display: block; width: 100%; height: auto; margin-top: .75rem; }
.picture.narrow { display: none; max-width: 30rem; }
.picture text { fill: var(--ink); font-size: 12px; }
.picture .path, .picture .name { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12.5px; }
.picture .name { font-weight: 700; }
.picture text.about, .picture text.why, .picture text.path, .picture text.word { fill: var(--quiet); }
.picture text.path.chosen { fill: var(--ink); }
.picture text.word.chosen { fill: var(--ok); font-weight: 600; }
.picture text.word.none, .picture text.path.none { fill: var(--critical); font-weight: 600; }
.picture text.word.not-confirmed { fill: var(--warning); font-weight: 600; }
.picture .about, .picture .why { font-size: 11.5px; }
.picture .box { fill: var(--sunk); stroke: var(--line-strong); }
.picture .box.primary { stroke: var(--ink); stroke-width: 2; }
.picture .box.none { stroke: var(--critical); stroke-width: 2; stroke-dasharray: 5 4; }
.line { fill: none; stroke: var(--line-strong); stroke-width: 1.5; }
.line.other { stroke-dasharray: 5 4; }
.line.chosen { stroke: var(--ok); stroke-width: 2.5; }
.line.none { stroke: var(--critical); stroke-width: 2; }
.line.not-confirmed { stroke: var(--warning); stroke-width: 2; stroke-dasharray: 8 3; }
.end { fill: var(--card); stroke: var(--line-strong); stroke-width: 1.5; }
.end.chosen { fill: var(--ok); stroke: var(--ok); }
.end.not-confirmed { stroke: var(--warning); }
.chart { margin-top: .75rem; }
.plot svg { display: block; width: 100%; height: 9rem; }
.plot path { fill: none; vector-effect: non-scaling-stroke; }
.plot .axis { stroke: var(--line); }
.plot .tracked { stroke: var(--link); stroke-width: 2; }
.plot .bar, .plot .band { shape-rendering: crispEdges; }
.plot .bar { fill: var(--critical); }
.plot .band { fill: var(--line-strong); opacity: .35; }
.axis-words { display: flex; justify-content: space-between; color: var(--quiet); font-size: .8125rem; font-variant-numeric: tabular-nums; margin-top: .25rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.25rem; color: var(--quiet); font-size: .8125rem; margin-top: .5rem; }
.key { display: inline-block; width: 1.25em; height: .75em; margin-right: .5em; }
.key.tracked { height: 0; vertical-align: .25em; border-top: 2px solid var(--link); }
.key.bar { background: var(--critical); }
.key.band { background: var(--line-strong); opacity: .5; }
`;
