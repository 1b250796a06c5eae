import * as v from 'valibot';

const BY_DEFAULT = 300;
const LONGEST = 3600;

const request = v.strictObject({
  forSeconds: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(LONGEST)), BY_DEFAULT),
});
const answer = v.object({ handle: v.string(), until: v.string() });

/** For how many seconds a drill is asked for, by the body of the request; null if it asks for nothing that we know. */
export const parseDrillRequest = (body: string): number | null =>
  body.trim() === '' ? BY_DEFAULT : (parsed(request, body)?.forSeconds ?? null);

/** What the agent says of the drill that it has begun; null if it says something else. */
export const parseDrillAnswer = (body: string): v.InferOutput<typeof answer> | null =>
  parsed(answer, body);

function parsed<T extends v.GenericSchema>(schema: T, json: string): v.InferOutput<T> | null {
  try {
    const value: unknown = JSON.parse(json);
    // For valibot an array is an object too.
    if (Array.isArray(value)) return null;
    const { success, output } = v.safeParse(schema, value);
    return success ? output : null;
  } catch {
    return null;
  }
}
