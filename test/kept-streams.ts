/** Standard output and error of a command, kept as texts. */
export function keptStreams() {
  const written = { stdout: '', stderr: '' };
  return {
    written,
    stdout: (text: string): void => {
      written.stdout += text;
    },
    stderr: (text: string): void => {
      written.stderr += text;
    },
  };
}
