# Deep Q-Learning mit GradientTape, Zielnetz und Erfahrungsspeicher
import random
from collections import deque
import numpy as np
import tensorflow as tf
from tensorflow import keras

seed = 1
random.seed(seed)
np.random.seed(seed)
tf.random.set_seed(seed)
num_actions = 2


class Pendel:
    """Ein Stab, der umfällt, wenn man nicht gegensteuert."""

    def reset(self):
        self.x, self.v, self.t = np.random.uniform(-0.05, 0.05), 0.0, 0
        return np.array([self.x, self.v], dtype=np.float32)

    def step(self, action):
        self.v += 0.1 * self.x + (0.03 if action == 1 else -0.03)
        self.x += self.v
        self.t += 1
        done = abs(self.x) > 1 or self.t >= 30
        return np.array([self.x, self.v], dtype=np.float32), 1.0, done, {}


def create_q_model():
    inputs = keras.layers.Input(shape=(2,))
    layer1 = keras.layers.Dense(24, activation="relu")(inputs)
    layer2 = keras.layers.Dense(24, activation="relu")(layer1)
    action = keras.layers.Dense(num_actions, activation="linear")(layer2)
    return keras.Model(inputs=inputs, outputs=action)


model, model_target = create_q_model(), create_q_model()
model_target.set_weights(model.get_weights())
optimizer = keras.optimizers.Adam(learning_rate=0.005, clipnorm=1.0)
loss_function = keras.losses.Huber()
memory, epsilon, frame, env = deque(maxlen=2000), 1.0, 0, Pendel()
rewards = []
for episode in range(60):
    state, episode_reward = env.reset(), 0
    while True:
        frame += 1
        if epsilon > np.random.rand(1)[0]:
            action = np.random.choice(num_actions)
        else:
            state_tensor = tf.convert_to_tensor(state)
            state_tensor = tf.expand_dims(state_tensor, 0)
            action_probs = model(state_tensor, training=False)
            action = tf.argmax(action_probs[0]).numpy()
        epsilon = max(0.1, epsilon - 0.003)
        state_next, reward, done, _ = env.step(action)
        memory.append((state, action, reward, state_next, float(done)))
        state = state_next
        episode_reward += reward
        if frame % 4 == 0 and len(memory) > 32:
            batch = random.sample(memory, 32)
            states, actions, rews, nexts, dones = map(np.array, zip(*batch))
            future_rewards = model_target.predict(nexts, verbose=0)
            updated_q = rews + 0.95 * tf.reduce_max(future_rewards, axis=1) * (1 - dones)
            masks = tf.one_hot(actions, num_actions)
            with tf.GradientTape() as tape:
                q_values = model(states)
                q_action = tf.reduce_sum(tf.multiply(q_values, masks), axis=1)
                loss = loss_function(updated_q, q_action)
            grads = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(grads, model.trainable_variables))
        if frame % 50 == 0:
            model_target.set_weights(model.get_weights())
        if done:
            break
    rewards.append(episode_reward)
print("Belohnung: %.1f -> %.1f" % (np.mean(rewards[:10]), np.mean(rewards[-10:])))
print("loss", float(loss) >= 0)
