/** {@code backup}: plan, snapshot, shard tasks, manifest, publish, clean up. */
package dev.hindsight.operations.backup;
