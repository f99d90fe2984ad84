/**
 * For everything that keeps objects: the conformance suite that every {@code ObjectStore} and decorator runs ({@link
 * dev.hindsight.testkit.store.ObjectStoreContract}), and a store that fails on demand ({@link
 * dev.hindsight.testkit.store.FaultyObjectStore}).
 */
package dev.hindsight.testkit.store;
