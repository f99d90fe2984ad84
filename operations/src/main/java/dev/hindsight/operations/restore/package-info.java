/** {@code restore} and {@code export}: plan, schema, shard tasks, import, clean up. */
package dev.hindsight.operations.restore;
