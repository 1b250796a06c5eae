import type { CandidateVerdict, MountChoice } from '../../model/hierarchy.ts';
import { cutEnd, cutMiddle, wrapText } from '../display-width.ts';
import { hierarchyText, VERDICT_WORDS } from '../words.ts';
import { MAX_SENTENCE, pathText } from './elements.ts';
import { html, type SafeHtml } from './html.ts';
import { oneLine } from '../../model/text.ts';

/** `wide`: mounts to the right of their hierarchy; `narrow`: below it. */
type DiagramShape = 'wide' | 'narrow';

/** In units of about a CSS pixel. The columns fit the widest default fonts of browsers. */
interface Geometry extends TextRoom {
  readonly width: number;
  /** From the top of a hierarchy to its first mount. */
  readonly head: number;
  readonly textX: number;
  /** Height of the verdict if it has a line of its own. */
  readonly word: number;
}

const GEOMETRIES: Readonly<Record<DiagramShape, Geometry>> = {
  wide: {
    width: 1180,
    head: 6,
    textX: 492,
    word: 0,
    pathColumns: 88,
    whyColumns: 102,
    whyLines: 3,
  },
  narrow: {
    width: 350,
    head: 26,
    textX: 28,
    word: 16,
    pathColumns: 41,
    whyColumns: 48,
    whyLines: 5,
  },
};

const PATH_HEIGHT = 18;
const WHY_HEIGHT = 16;
const ENTRY_GAP = 8;
const BAND_GAP = 8;
const BOX = { width: 224, height: 46 } as const;
/** How far below the top of a box the lines of the wide diagram leave it, and where they end. */
const LEAVE = 17;
const LINE_END = 372;

export function mountsDiagram(
  choices: readonly MountChoice[],
  isPrimary: (choice: MountChoice) => boolean,
  shape: DiagramShape,
): SafeHtml {
  let top = 0;
  const bands: SafeHtml[] = [];
  for (const choice of choices) {
    const { drawing, height } = drawBand(choice, isPrimary(choice), top, shape);
    bands.push(drawing);
    top += height + BAND_GAP;
  }
  const chosen = choices.filter((choice) => choice.chosen !== null).length;
  return html`<svg
    class="picture ${shape}"
    viewBox="0 0 ${GEOMETRIES[shape].width} ${top}"
    role="img"
    aria-labelledby="picture-${shape}-title picture-${shape}-desc"
  >
    <title id="picture-${shape}-title">Which mount shows which hierarchy</title>
    <desc id="picture-${shape}-desc">
      ${chosen} of ${choices.length} hierarchies have a line to the mount that shows all of it;
      dashed lines lead to mounts that were not chosen. The table below the diagram says the same.
    </desc>
    ${bands}
  </svg>`;
}

/** One hierarchy with its mounts. */
function drawBand(
  choice: MountChoice,
  isPrimary: boolean,
  top: number,
  shape: DiagramShape,
): { readonly drawing: SafeHtml; readonly height: number } {
  const geometry = GEOMETRIES[shape];
  const lines: SafeHtml[] = [];
  const texts: SafeHtml[] = [];
  let y = top + geometry.head;
  for (const entry of diagramEntries(choice, geometry)) {
    const from = top + (shape === 'wide' ? LEAVE : geometry.head - 5);
    if (entry.verdict !== 'more') lines.push(connector(entry.verdict, from, y + 11, shape));
    texts.push(entryText(entry, y, geometry));
    y += geometry.word + PATH_HEIGHT + entry.why.length * WHY_HEIGHT + ENTRY_GAP;
  }
  const head =
    shape === 'wide' ? boxedHead(choice, isPrimary, top) : plainHead(choice, isPrimary, top);
  const height = Math.max(shape === 'wide' ? BOX.height : 0, y - top);
  // The line to the chosen mount lies above the lines to the others.
  return { drawing: html`<g>${lines.toReversed()}${head}${texts}</g>`, height };
}

function connector(
  verdict: Entry['verdict'],
  from: number,
  y: number,
  shape: DiagramShape,
): SafeHtml {
  const hasOwnLine = verdict === 'chosen' || verdict === 'none' || verdict === 'not-confirmed';
  const look = hasOwnLine ? verdict : 'other';
  if (shape === 'narrow') {
    return html`<path
        class="line ${look}"
        d="M7 ${from}V${y - 6}q0 6 6 6H16"
      />${lineEnd(look, 16, y)}`;
  }
  const bend = (BOX.width + LINE_END) / 2;
  return html`<path
      class="line ${look}"
      d="M${BOX.width - 1} ${from}C${bend} ${from} ${bend} ${y} ${LINE_END} ${y}"
    />${lineEnd(look, LINE_END, y)}`;
}

/** A full dot: chosen; an empty one: not chosen; a cross: no mount. */
const lineEnd = (look: string, x: number, y: number): SafeHtml =>
  look === 'none'
    ? html`<path class="line none" d="m${x - 5} ${y - 5} 10 10m0-10-10 10" />`
    : html`<circle class="end ${look}" cx="${x}" cy="${y}" r="4" />`;

function entryText(
  { verdict, words, path, why }: Entry,
  top: number,
  geometry: Geometry,
): SafeHtml {
  const { textX, word } = geometry;
  const wordX = word === 0 ? LINE_END + 14 : textX;
  const pathY = top + 15 + (words === '' ? 0 : word);
  const verdictText =
    words === ''
      ? null
      : html`<text class="word ${verdict}" x="${wordX}" y="${top + 15}">${words}</text>`;
  const whyTexts = why.map(
    (line, index) =>
      html`<text class="why" x="${textX}" y="${pathY + (index + 1) * WHY_HEIGHT}">${line}</text>`,
  );
  return html`${verdictText}<text class="path ${verdict}" x="${textX}" y="${pathY}">${path}</text
    >${whyTexts}`;
}

const aboutText = ({ hierarchy }: MountChoice, isPrimary: boolean): string => {
  const device = hierarchy.device === null ? '' : ` · device ${oneLine(hierarchy.device, 20)}`;
  return `v${hierarchy.version}${device}${isPrimary ? ' · primary' : ''}`;
};

function boxedHead(choice: MountChoice, isPrimary: boolean, top: number): SafeHtml {
  const look = `${choice.chosen === null ? 'none' : 'chosen'}${isPrimary ? ' primary' : ''}`;
  const name = cutMiddle(hierarchyText(choice.hierarchy), 25);
  return html`<rect
      class="box ${look}"
      x="1"
      y="${top + 1}"
      width="${BOX.width - 2}"
      height="${BOX.height - 2}"
      rx="8"
    /><text class="name" x="14" y="${top + 21}">${name}</text
    ><text class="about" x="14" y="${top + 37}">${aboutText(choice, isPrimary)}</text>`;
}

function plainHead(choice: MountChoice, isPrimary: boolean, top: number): SafeHtml {
  const { width } = GEOMETRIES.narrow;
  const name = cutMiddle(hierarchyText(choice.hierarchy), 21);
  return html`<text class="name" x="0" y="${top + 15}">${name}</text
    ><text class="about" x="${width}" y="${top + 15}" text-anchor="end">
      ${aboutText(choice, isPrimary)}
    </text>`;
}

/** How many other mounts of a hierarchy are drawn; the table below has more. */
const MAX_OTHERS = 3;

/** The room for texts, in columns and lines: SVG does not break lines. */
interface TextRoom {
  readonly pathColumns: number;
  readonly whyColumns: number;
  readonly whyLines: number;
}

/** At the end of a line: a mount with the reason for its verdict, or the lack of one. */
interface Entry {
  readonly verdict: MountRow['verdict'] | 'more';
  readonly words: string;
  readonly path: string;
  readonly why: readonly string[];
}

function diagramEntries(choice: MountChoice, room: TextRoom): readonly Entry[] {
  const { rows, omitted } = mountRows(choice, MAX_OTHERS);
  const entries: Entry[] = rows.map(({ verdict, words, path, why }) => ({
    verdict,
    words,
    path: cutMiddle(path ?? 'none that shows the root', room.pathColumns),
    why: reasonLines(why, room),
  }));
  if (omitted > 0) {
    entries.push({
      verdict: 'more',
      words: '',
      path: `… and ${omitted} more, in the table`,
      why: [],
    });
  }
  return entries;
}

function reasonLines(reason: string, { whyColumns, whyLines }: TextRoom): readonly string[] {
  const lines = wrapText(reason, whyColumns);
  if (lines.length <= whyLines) return lines;
  const last = cutEnd(lines[whyLines - 1] ?? '', whyColumns - 2);
  return [...lines.slice(0, whyLines - 1), `${last} …`];
}

/** A mount of a hierarchy with its verdict, or the lack of a mount. */
export interface MountRow {
  readonly verdict: CandidateVerdict | 'none';
  readonly words: string;
  readonly path: string | null;
  readonly why: string;
}

/** The chosen mount, or the lack of one, then at most `most` of the others. */
export function mountRows(
  { chosen, confirmed, why, candidates }: MountChoice,
  most: number,
): { readonly rows: readonly MountRow[]; readonly omitted: number } {
  const taken = confirmed === false ? 'not-confirmed' : 'chosen';
  const others = candidates.filter(({ mount }) => mount !== chosen);
  const rows: readonly MountRow[] = [
    {
      verdict: chosen === null ? 'none' : taken,
      words: chosen === null ? 'no mount' : VERDICT_WORDS[taken],
      path: chosen === null ? null : pathText(chosen.mountPoint),
      why: oneLine(why, MAX_SENTENCE),
    },
    ...others.slice(0, most).map(({ mount, verdict, why: reason }) => ({
      verdict,
      words: VERDICT_WORDS[verdict],
      path: pathText(mount.mountPoint),
      why: oneLine(reason, MAX_SENTENCE),
    })),
  ];
  return { rows, omitted: Math.max(0, others.length - most) };
}
