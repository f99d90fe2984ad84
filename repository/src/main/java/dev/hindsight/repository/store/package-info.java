/** The object store seam and the directory store. One conformance suite ({@code ObjectStoreContract}) binds all. */
package dev.hindsight.repository.store;
