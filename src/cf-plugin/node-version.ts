/**
 * Whether a Node has `proxyEnv`, which makes it respect https_proxy: 22 from 22.21 on, and 24.5
 * or newer. Not in main.ts, which runs the plugin when it is imported.
 */
export function hasProxyEnv(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}
