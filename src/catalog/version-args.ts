import type { Components } from './components.js';

/** What makes the program at `path` print its version; empty for what is no program. */
export function versionArgsOf(component: Components['components'][string], path: string): string[] {
  return component.versionArgsOf?.[path] ?? component.versionArgs;
}
