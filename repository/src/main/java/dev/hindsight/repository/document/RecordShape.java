package dev.hindsight.repository.document;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The fields of one public record class, in order, and how to make one. Immutable, cached for ever. */
final class RecordShape {
    /** @param token a Murmur3 token, which JSON numbers would round: stored as text */
    record Field(String name, Type type, boolean optional, boolean token, Method accessor) {}

    private static final Map<Class<?>, RecordShape> SHAPES = new ConcurrentHashMap<>();

    private final List<Field> fields = new ArrayList<>();
    private final Map<String, Integer> positions = new HashMap<>();
    private final MethodHandle constructor;

    private RecordShape(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] parameters = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            FieldName named = component.getAnnotation(FieldName.class);
            String name = named == null ? component.getName() : named.value();
            boolean optional = component.getType() == Optional.class;
            boolean token = name.equals("tokens") || name.endsWith("Token");
            parameters[i] = component.getType();
            fields.add(new Field(name, component.getGenericType(), optional, token, component.getAccessor()));
            positions.put(name, i);
        }
        try {
            constructor = MethodHandles.publicLookup()
                    .findConstructor(type, MethodType.methodType(void.class, parameters))
                    .asSpreader(Object[].class, parameters.length);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " is not a public record", e);
        }
    }

    static RecordShape of(Class<?> type) {
        return SHAPES.computeIfAbsent(type, RecordShape::new);
    }

    List<Field> fields() {
        return fields;
    }

    /** Where the field stands, or -1 when the record has none of that name. */
    int positionOf(String name) {
        return positions.getOrDefault(name, -1);
    }

    Object valueOf(Field field, Object document) {
        try {
            return field.accessor().invoke(document);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(field.accessor() + " cannot be called", e);
        }
    }

    /** @throws IllegalArgumentException the record does not take these values */
    Object create(Object[] values) {
        try {
            return constructor.invoke(values);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a record's constructor throws nothing checked", e);
        }
    }
}
