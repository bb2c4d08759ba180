import type { Answer, Call, Surface } from './types';

export interface Route {
  surface: Surface;
  method: string;
  pattern: string;
  /** Graph: application permissions, one of which must have been granted. ARM: the action that a role assignment must allow. */
  needs: readonly string[];
  handle(call: Call): Answer | Promise<Answer>;
}

interface Compiled extends Route {
  shape: RegExp;
  names: string[];
  literals: number;
}

/** Finds the route of a path: names are compared without case, as Graph and ARM do; the route with the most fixed segments wins. */
export class Router {
  private readonly routes: Compiled[] = [];

  /** `:name` is one segment, `:name*` any number of them (an ARM scope). */
  add(route: Route): void {
    const names: string[] = [];
    let literals = 0;
    const source = route.pattern.split('/').slice(1).map((part) => {
      const parameter = /^:(\w+)(\*?)$/.exec(part);
      if (!parameter) {
        literals += 1;
        return `/${part.replace(/[.*+?^${}()|[\]\\$]/g, '\\$&')}`;
      }
      names.push(parameter[1]!);
      return parameter[2] ? '(/.*?)?' : '/([^/]+)';
    });
    this.routes.push({ ...route, shape: new RegExp(`^${source.join('')}/?$`, 'i'), names, literals });
    this.routes.sort((a, b) => b.literals - a.literals || a.names.length - b.names.length);
  }

  /** Every application permission that some Graph route knows. */
  permissions(): string[] {
    return [...new Set(this.routes.filter((one) => one.surface === 'graph').flatMap((one) => one.needs))].sort();
  }

  find(surface: Surface, method: string, path: string): { route: Route; params: Record<string, string> } | 'no-path' | 'no-method' {
    let seen = false;
    for (const route of this.routes) {
      if (route.surface !== surface) continue;
      const match = route.shape.exec(path);
      if (!match) continue;
      seen = true;
      if (route.method !== method) continue;
      return { route, params: Object.fromEntries(route.names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')])) };
    }
    return seen ? 'no-method' : 'no-path';
  }
}
