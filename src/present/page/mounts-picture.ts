import { oneLine } from '../../model/one-line.ts';
import type { MountChoice, Verdict } from '../../model/hierarchy.ts';
import { cutEnd, cutMiddle, wrapText } from '../display-width.ts';
import { hierarchyText } from '../hierarchy-name.ts';
import { LONGEST_SENTENCE, pathText } from './foreign-text.ts';
import { html, type SafeHtml } from './html.ts';
import { VERDICT_WORDS } from './verdict-words.ts';

/** Others of a hierarchy that are drawn; the table beside the picture has more. */
const MOST_OTHERS = 3;

/** `wide`: hierarchies on the left, mounts on the right. `narrow`: a mount below its hierarchy, as in a tree. */
export type PictureShape = 'wide' | 'narrow';

/** In units of the picture, about pixels of CSS; widths of texts in columns, as their fonts can be no narrower. */
interface Geometry {
  readonly width: number;
  readonly headHeight: number;
  readonly textX: number;
  readonly pathColumns: number;
  readonly whyColumns: number;
  readonly whyLines: number;
  readonly gap: number;
}

const GEOMETRIES: Readonly<Record<PictureShape, Geometry>> = {
  wide: {
    width: 1180,
    headHeight: 0,
    textX: 500,
    pathColumns: 84,
    whyColumns: 92,
    whyLines: 3,
    gap: 14,
  },
  narrow: {
    width: 350,
    headHeight: 26,
    textX: 26,
    pathColumns: 39,
    whyColumns: 45,
    whyLines: 5,
    gap: 12,
  },
};

const PATH_HEIGHT = 18;
const WHY_HEIGHT = 16;
const BOX = { width: 224, height: 46 } as const;

/** One mount as it is drawn: its top, and the height of its texts. */
interface Entry {
  readonly verdict: Verdict | 'none' | 'more';
  readonly words: string;
  readonly path: string;
  readonly why: readonly string[];
}

export function mountsPicture(
  choices: readonly MountChoice[],
  isPrimary: (choice: MountChoice) => boolean,
  shape: PictureShape,
): SafeHtml {
  const geometry = GEOMETRIES[shape];
  let top = 0;
  const bands: SafeHtml[] = [];
  for (const choice of choices) {
    const band = drawBand(choice, isPrimary(choice), top, shape);
    bands.push(band.drawing);
    top += band.height + geometry.gap;
  }
  const chosen = choices.filter((choice) => choice.chosen !== null).length;
  return html`<svg
    class="picture ${shape}"
    viewBox="0 0 ${geometry.width} ${top}"
    role="img"
    aria-labelledby="picture-${shape}-title picture-${shape}-desc"
  >
    <title id="picture-${shape}-title">Which mount shows which hierarchy</title>
    <desc id="picture-${shape}-desc">
      ${chosen} of ${choices.length} hierarchies have a line to the mount that shows all of it;
      dashed lines lead to mounts that were not taken. The table below the picture says the same.
    </desc>
    ${bands}
  </svg>`;
}

interface Band {
  readonly drawing: SafeHtml;
  readonly height: number;
}

function drawBand(choice: MountChoice, isPrimary: boolean, top: number, shape: PictureShape): Band {
  const geometry = GEOMETRIES[shape];
  const entries = entriesOf(choice, geometry);
  const heights = entries.map(
    ({ why }) => wordsHeight(shape) + PATH_HEIGHT + why.length * WHY_HEIGHT + 8,
  );
  const sum = heights.reduce((total, height) => total + height, 0);
  const content = shape === 'wide' ? Math.max(BOX.height, sum) : sum;
  const height = geometry.headHeight + content;
  let y = top + geometry.headHeight + (content - sum) / 2;
  const tops = heights.map((each) => {
    const at = y;
    y += each;
    return at;
  });
  const boxMiddle = top + height / 2;
  const lines = entries.map(({ verdict }, index) =>
    connector(verdict, boxMiddle, top + geometry.headHeight, (tops[index] ?? 0) + 11, shape),
  );
  const texts = entries.map((entry, index) => entryText(entry, tops[index] ?? 0, shape));
  const head =
    shape === 'wide'
      ? boxedHead(choice, isPrimary, boxMiddle - BOX.height / 2)
      : plainHead(choice, isPrimary, top);
  // Lines to what was not taken lie below the line to what was.
  return { drawing: html`<g>${lines.toReversed()}${head}${texts}</g>`, height };
}

const wordsHeight = (shape: PictureShape): number => (shape === 'wide' ? 0 : 15);

function entriesOf(choice: MountChoice, geometry: Geometry): readonly Entry[] {
  const { chosen, confirmed, why, candidates } = choice;
  const others = candidates.filter(({ mount }) => mount !== chosen);
  const entry = (
    verdict: Entry['verdict'],
    words: string,
    path: string,
    reason: string,
  ): Entry => ({
    verdict,
    words,
    path: cutMiddle(path, geometry.pathColumns),
    why: reasonLines(reason, geometry),
  });
  const taken = confirmed === false ? 'not-confirmed' : 'chosen';
  const first =
    chosen === null
      ? entry('none', 'no mount', 'none that shows all of it', why)
      : entry(taken, VERDICT_WORDS[taken], pathText(chosen.mountPoint), why);
  const drawn = others
    .slice(0, MOST_OTHERS)
    .map(({ mount, verdict, why: reason }) =>
      entry(verdict, VERDICT_WORDS[verdict], pathText(mount.mountPoint), reason),
    );
  const omitted = others.length - drawn.length;
  const more = omitted === 0 ? [] : [entry('more', '', `… and ${omitted} more`, '')];
  return [first, ...drawn, ...more];
}

function reasonLines(reason: string, { whyColumns, whyLines }: Geometry): readonly string[] {
  if (reason === '') return [];
  const lines = wrapText(oneLine(reason, LONGEST_SENTENCE), whyColumns);
  return lines.length <= whyLines
    ? lines
    : [...lines.slice(0, whyLines - 1), cutEnd(`${lines[whyLines - 1] ?? ''} …`, whyColumns)];
}

function connector(
  verdict: Entry['verdict'],
  boxMiddle: number,
  trunkTop: number,
  y: number,
  shape: PictureShape,
): SafeHtml {
  const look =
    verdict === 'chosen' || verdict === 'none' || verdict === 'not-confirmed' ? verdict : 'other';
  if (shape === 'narrow') {
    return html`<path
        class="line ${look}"
        d="M7 ${trunkTop - 4}V${y - 6}q0 6 6 6H18"
      />${lineEnd(look, 18, y)}`;
  }
  const from = BOX.width;
  const to = 372;
  const bend = (from + to) / 2;
  return html`<path
      class="line ${look}"
      d="M${from} ${boxMiddle}C${bend} ${boxMiddle} ${bend} ${y} ${to} ${y}"
    />${lineEnd(look, to, y)}`;
}

/** A full dot arrives at what is shown, an empty one at what is not taken, a cross where there is nothing. */
function lineEnd(look: string, x: number, y: number): SafeHtml {
  if (look === 'none')
    return html`<path class="line none" d="m${x - 5} ${y - 5} 10 10m0-10-10 10" />`;
  return html`<circle class="end ${look}" cx="${x}" cy="${y}" r="4" />`;
}

function entryText(
  { verdict, words, path, why }: Entry,
  top: number,
  shape: PictureShape,
): SafeHtml {
  const { textX } = GEOMETRIES[shape];
  const isBelow = shape === 'narrow' && words !== '';
  const pathY = top + 15 + (isBelow ? wordsHeight(shape) : 0);
  const word = html`<text
    class="word ${verdict}"
    x="${shape === 'wide' ? 386 : textX}"
    y="${top + 15}"
    >${words}</text
  >`;
  const lines = why.map(
    (line, index) =>
      html`<text class="why" x="${textX}" y="${pathY + (index + 1) * WHY_HEIGHT}">${line}</text>`,
  );
  return html`${words === '' ? null : word}<text class="path ${verdict}" x="${textX}" y="${pathY}"
      >${path}</text
    >${lines}`;
}

function headTexts(
  { hierarchy }: MountChoice,
  isPrimary: boolean,
): { name: string; about: string } {
  const device = hierarchy.device === null ? '' : ` · device ${oneLine(hierarchy.device, 20)}`;
  const about = `v${hierarchy.version}${device}${isPrimary ? ' · looked in' : ''}`;
  return { name: hierarchyText(hierarchy), about };
}

function boxedHead(choice: MountChoice, isPrimary: boolean, y: number): SafeHtml {
  const { name, about } = headTexts(choice, isPrimary);
  const look = `${choice.chosen === null ? 'none' : 'chosen'}${isPrimary ? ' primary' : ''}`;
  return html`<rect
      class="box ${look}"
      x="1"
      y="${y}"
      width="${BOX.width - 2}"
      height="${BOX.height}"
      rx="8"
    /><text class="name" x="14" y="${y + 20}">${cutMiddle(name, 24)}</text
    ><text class="about" x="14" y="${y + 36}">${about}</text>`;
}

function plainHead(choice: MountChoice, isPrimary: boolean, top: number): SafeHtml {
  const { name, about } = headTexts(choice, isPrimary);
  return html`<text class="name" x="0" y="${top + 15}">${cutMiddle(name, 20)}</text
    ><text class="about" x="350" y="${top + 15}" text-anchor="end">${about}</text>`;
}
