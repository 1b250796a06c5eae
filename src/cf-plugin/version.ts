declare const ROLLCALL_VERSION: string | undefined;

/** Written into the bundle when it is built; run from a clone the plugin has no version. */
export const VERSION: string = typeof ROLLCALL_VERSION === 'string' ? ROLLCALL_VERSION : '0.0.0';
