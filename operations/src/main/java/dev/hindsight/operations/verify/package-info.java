/** {@code verify}: proves that what the catalogue names is there and is right. */
package dev.hindsight.operations.verify;
