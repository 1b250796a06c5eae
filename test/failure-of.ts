/** The code and the message of what a call failed with. */
export function failureOf(call: Promise<unknown>): Promise<readonly unknown[]> {
  return call.then(
    () => ['no failure'],
    (error: { code?: unknown; message?: unknown }) => [error.code, error.message],
  );
}

export async function codeOf(call: Promise<unknown>): Promise<unknown> {
  const [code] = await failureOf(call);
  return code;
}
