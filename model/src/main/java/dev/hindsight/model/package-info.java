/**
 * Value types and pure decisions: nothing here touches a disk, a network or a clock, so every decision can be tested
 * with invented numbers. Uses the JDK only.
 */
package dev.hindsight.model;
