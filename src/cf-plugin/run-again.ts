/** What to do where cf breaks the protocol of its plugins: the end of a sentence. */
export const RUN_AGAIN = 'run the command again, with CF_TRACE=true if that repeats';
