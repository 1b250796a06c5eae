import * as v from 'valibot';

const BY_DEFAULT = 300;
const LONGEST = 3600;

const request = v.strictObject({
  forSeconds: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(LONGEST)), BY_DEFAULT),
});

/** For how many seconds a drill is asked for, by the body of the request; null if it asks for nothing that we know. */
export function parseDrillRequest(body: string): number | null {
  if (body.trim() === '') return BY_DEFAULT;
  try {
    const parsed = v.safeParse(request, JSON.parse(body));
    return parsed.success ? parsed.output.forSeconds : null;
  } catch {
    return null;
  }
}
