/** Union-find over node names: nodes that are united belong to one sub-topology. */
export class NodeGroups {
  readonly #parents = new Map<string, string>();

  add(name: string): void {
    this.#parents.set(name, name);
  }

  unite(name: string, others: Iterable<string>): void {
    for (const other of others) this.#parents.set(this.#rootOf(other), this.#rootOf(name));
  }

  /** Names of each group in the order they were added; the groups in the order of their first names. */
  groups(): string[][] {
    const byRoot = new Map<string, string[]>();
    for (const name of this.#parents.keys()) {
      const root = this.#rootOf(name);
      const group = byRoot.get(root);
      if (group === undefined) byRoot.set(root, [name]);
      else group.push(name);
    }
    return [...byRoot.values()];
  }

  #rootOf(name: string): string {
    let root = name;
    for (let up = this.#parents.get(root); up !== undefined && up !== root; up = this.#parents.get(root)) root = up;
    for (let at = name; at !== root;) {
      const up = this.#parents.get(at) as string;
      this.#parents.set(at, root);
      at = up;
    }
    return root;
  }
}
