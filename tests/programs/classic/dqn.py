# Q-Lernen mit Netz und Zielnetz; eine eigene kleine Umgebung statt gym
import random
from collections import deque

import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import Adam


class Flur:
    """Ein Gang mit fünf Feldern; rechts wartet die Belohnung."""
    laenge = 5

    def reset(self):
        self.ort, self.schritte = 0, 0
        return self.zustand()

    def zustand(self):
        z = np.zeros(self.laenge)
        z[self.ort] = 1
        return z

    def step(self, aktion):
        self.schritte += 1
        self.ort = min(max(self.ort + (1 if aktion == 1 else -1), 0), self.laenge - 1)
        fertig = self.ort == self.laenge - 1
        return self.zustand(), (1.0 if fertig else -0.05), fertig or self.schritte >= 12, {}


class Agent:
    def __init__(self, state_size, action_size):
        self.state_size = state_size
        self.action_size = action_size
        self.memory = deque(maxlen=500)
        self.gamma = 0.9
        self.epsilon = 1.0
        self.epsilon_min = 0.1
        self.epsilon_decay = 0.97
        self.model = self._build_model()
        self.target_model = self._build_model()
        self.update_target()

    def _build_model(self):
        model = Sequential()
        model.add(Dense(16, input_dim=self.state_size, activation='relu'))
        model.add(Dense(16, activation='relu'))
        model.add(Dense(self.action_size, activation='linear'))
        model.compile(loss='mse', optimizer=Adam(lr=0.005))
        return model

    def update_target(self):
        self.target_model.set_weights(self.model.get_weights())

    def act(self, state):
        if np.random.rand() <= self.epsilon:
            return random.randrange(self.action_size)
        return np.argmax(self.model.predict(state)[0])

    def replay(self, batch_size):
        for state, action, reward, next_state, done in random.sample(self.memory, batch_size):
            target = self.model.predict(state)
            if done:
                target[0][action] = reward
            else:
                t = self.target_model.predict(next_state)[0]
                target[0][action] = reward + self.gamma * np.amax(t)
            self.model.fit(state, target, epochs=1, verbose=0)
        if self.epsilon > self.epsilon_min:
            self.epsilon *= self.epsilon_decay

    def load(self, name):
        self.model.load_weights(name)

    def save(self, name):
        self.model.save_weights(name)


if __name__ == '__main__':
    random.seed(0)
    np.random.seed(0)
    env = Flur()
    agent = Agent(5, 2)
    for e in range(25):
        state = np.reshape(env.reset(), [1, 5])
        summe = 0
        while True:
            action = agent.act(state)
            next_state, reward, done, _ = env.step(action)
            next_state = np.reshape(next_state, [1, 5])
            agent.memory.append((state, action, reward, next_state, done))
            state = next_state
            summe += reward
            if done:
                break
        if len(agent.memory) > 16:
            agent.replay(16)
        agent.update_target()
        if e % 5 == 0:
            print('episode: {}, score: {:.2f}, e: {:.2}'.format(e, summe, agent.epsilon))
    agent.save('dqn.h5')
    agent.load('dqn.h5')
    q = agent.model.predict(np.eye(5))
    print(q.round(2))
    print('Richtung:', np.argmax(q[:4], axis=1))
