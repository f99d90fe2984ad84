/**
 * Where the bytes of input SSTables come from: {@link dev.hindsight.engine.source.AgentByteSource} reads a node's
 * snapshot, {@link dev.hindsight.engine.source.StoreByteSource} a stored shard. Both count what they fetch, check what
 * they can check, and keep small components in a {@link dev.hindsight.engine.source.ComponentCache}. Called by the
 * synthesiser on the threads that it likes; everything here may be used by several at once.
 */
package dev.hindsight.engine.source;
