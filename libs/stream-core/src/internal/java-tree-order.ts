interface TreeNode<T> {
  readonly value: T;
  left: TreeNode<T> | undefined;
  right: TreeNode<T> | undefined;
  parent: TreeNode<T> | undefined;
  red: boolean;
}

/**
 * A java.util.TreeSet whose comparator may change its mind between insertions: its order then depends on the shape of the red-black tree, so the tree is built the same way.
 * Kafka Streams' topology description sorts a node's neighbours by sub-tree sizes that are still growing.
 */
export class JavaTreeOrder<T> {
  readonly #compare: (a: T, b: T) => number;
  #root: TreeNode<T> | undefined;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  add(value: T): void {
    let parent: TreeNode<T> | undefined;
    let order = 0;
    for (let at = this.#root; at !== undefined; at = order < 0 ? at.left : at.right) {
      parent = at;
      order = this.#compare(value, at.value);
      if (order === 0) return;
    }
    const node: TreeNode<T> = { value, left: undefined, right: undefined, parent, red: true };
    if (parent === undefined) this.#root = node;
    else if (order < 0) parent.left = node;
    else parent.right = node;
    this.#rebalance(node);
  }

  values(): T[] {
    const values: T[] = [];
    const walk = (node: TreeNode<T> | undefined): void => {
      if (node === undefined) return;
      walk(node.left);
      values.push(node.value);
      walk(node.right);
    };
    walk(this.#root);
    return values;
  }

  #rebalance(inserted: TreeNode<T>): void {
    let node = inserted;
    for (let parent = node.parent; parent?.red === true; parent = node.parent) {
      const grandparent = parent.parent as TreeNode<T>;
      const onLeft = parent === grandparent.left;
      const uncle = onLeft ? grandparent.right : grandparent.left;
      if (uncle?.red === true) {
        parent.red = false;
        uncle.red = false;
        grandparent.red = true;
        node = grandparent;
        continue;
      }
      if (node === (onLeft ? parent.right : parent.left)) {
        node = parent;
        this.#rotate(node, onLeft);
      }
      (node.parent as TreeNode<T>).red = false;
      grandparent.red = true;
      this.#rotate(grandparent, !onLeft);
    }
    (this.#root as TreeNode<T>).red = false;
  }

  /** Rotates left (the right child goes up), or right. */
  #rotate(node: TreeNode<T>, left: boolean): void {
    const up = (left ? node.right : node.left) as TreeNode<T>;
    const moved = left ? up.left : up.right;
    if (left) {
      node.right = moved;
      up.left = node;
    } else {
      node.left = moved;
      up.right = node;
    }
    if (moved !== undefined) moved.parent = node;
    const parent = node.parent;
    up.parent = parent;
    if (parent === undefined) this.#root = up;
    else if (parent.left === node) parent.left = up;
    else parent.right = up;
    node.parent = up;
  }
}
