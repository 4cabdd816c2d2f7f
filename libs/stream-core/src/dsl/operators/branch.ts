import { ProcessorNode } from '../../processor/processor-node.ts';
import type { LogicalGraph } from '../graph/logical-graph.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import type { Predicate } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import { PassThroughNode } from './pass-through.ts';

/** Sends each record to the first branch whose predicate accepts it, else to the default branch, else nowhere. */
class BranchNode extends ProcessorNode {
  readonly #predicates: readonly Predicate<unknown, unknown>[];

  constructor(predicates: readonly Predicate<unknown, unknown>[]) {
    super();
    this.#predicates = predicates;
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    const predicates = this.#predicates;
    let index = 0;
    while (index < predicates.length && !(predicates[index] as Predicate<unknown, unknown>)(value, key)) index++;
    // Children stand in the order of the branches, the default branch last.
    const child = this.children[index];
    if (child === undefined) return;
    try {
      child.process(key, value, timestamp);
    } catch (error) {
      this.context.handleError(child, error);
    }
  }
}

/** A split in the making: branches are added one by one. */
export class Splitter {
  readonly #stream: StreamHandle;
  readonly #graph: LogicalGraph;
  readonly #name: string;
  readonly #node: ProcessorGraphNode;
  readonly #predicates: Predicate<unknown, unknown>[] = [];

  constructor(stream: StreamHandle, name: string | undefined) {
    this.#stream = stream;
    this.#graph = stream.graph;
    this.#name = this.#graph.nameOr(name, 'KSTREAM-BRANCH-');
    const predicates = this.#predicates;
    this.#node = new ProcessorGraphNode(this.#name, { create: () => new BranchNode(predicates) });
    this.#graph.add(this.#node, stream.node);
  }

  branch(predicate: Predicate<unknown, unknown>, suffix: string | undefined): StreamHandle {
    this.#predicates.push(predicate);
    return this.#add(suffix ?? String(this.#predicates.length));
  }

  defaultBranch(suffix: string | undefined): StreamHandle {
    return this.#add(suffix ?? '0');
  }

  #add(suffix: string): StreamHandle {
    const name = `${this.#name}${suffix}`;
    this.#graph.newProcessorName(name);
    const node = new ProcessorGraphNode(name, { create: () => new PassThroughNode() });
    this.#graph.add(node, this.#node);
    const { graph, key, value, sources, needsRepartition } = this.#stream;
    return { graph, name, node, key, value, sources, needsRepartition };
  }
}
