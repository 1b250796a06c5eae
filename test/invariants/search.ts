import fc from 'fast-check';
import { live } from './made-agent.ts';
import { histories, type History } from './made-histories.ts';
import { PROPERTIES, type Property } from './properties.ts';

const AT_ONCE = 50;

/** What a batch of histories showed. */
export interface Searched {
  readonly seed: number;
  readonly passes: number;
  /** Those that took the decision of an earlier one. */
  readonly again: number;
  readonly histories: number;
  /** The first history that breaks a property, by the property's name. */
  readonly broken: ReadonlyMap<string, History>;
}

/** Lives the histories that a seed gives, and checks each pass by every property. */
export async function searchBatch(seed: number): Promise<Searched> {
  const broken = new Map<string, History>();
  let passes = 0;
  let again = 0;
  for (const history of fc.sample(histories, { seed, numRuns: AT_ONCE })) {
    const lived = await live(history);
    passes += lived.passes.length;
    again += lived.passes.filter(({ isAgain }) => isAgain).length;
    for (const [name, property] of Object.entries(PROPERTIES)) {
      if (!broken.has(name) && property(lived) !== null) broken.set(name, history);
    }
  }
  return { seed, passes, again, histories: AT_ONCE, broken };
}

/** The history without every step that the property does not need to break. */
async function shrink(property: Property, { layout, steps }: History): Promise<History> {
  let left = steps;
  for (let at = 0; at < left.length;) {
    const fewer = left.toSpliced(at, 1);
    if (property(await live({ layout, steps: fewer })) === null) at += 1;
    else left = fewer;
  }
  return { layout, steps: left };
}

/** What is wrong, and the shortest history that shows it, to be lived again. */
export async function replayText(name: string, { seed, broken }: Searched): Promise<string> {
  const [property, found] = [PROPERTIES[name], broken.get(name)];
  if (property === undefined || found === undefined) return '';
  const { layout, steps } = await shrink(property, found);
  const wrong = property(await live({ layout, steps })) ?? '';
  return [`${name}: ${wrong}`, `seed ${seed}, cell ${layout}:`, ...steps].join('\n  ');
}
