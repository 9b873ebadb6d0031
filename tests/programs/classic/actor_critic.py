# Policy gradients with a loss of one's own, as in 2018: advantages come in as a second input
import numpy as np
from keras import backend as K
from keras.layers import Input, Dense
from keras.models import Model
from keras.optimizers import Adam

np.random.seed(0)
states = Input(shape=(4,))
advantages = Input(shape=[1])
dense1 = Dense(16, activation='relu')(states)
probs = Dense(2, activation='softmax')(dense1)


def custom_loss(y_true, y_pred):
    out = K.clip(y_pred, 1e-8, 1 - 1e-8)
    log_lik = y_true * K.log(out)
    return K.sum(-log_lik * advantages)


policy = Model(input=[states, advantages], output=[probs])
policy.compile(optimizer=Adam(lr=0.01), loss=custom_loss)
predict = Model(input=[states], output=[probs])
state = np.random.randn(8, 4)
before = predict.predict(state)[:, 0].mean()
for _ in range(30):
    p = predict.predict(state)
    actions = np.array([np.random.choice(2, p=q / q.sum()) for q in p.astype('float64')])
    reward = np.where(actions == 0, 1., -1.).reshape(-1, 1)
    cost = policy.train_on_batch([state, reward], np.eye(2)[actions])
print('p %.3f -> %.3f' % (before, predict.predict(state)[:, 0].mean()))

# the update as a K.function, with the optimizer's get_updates
action_pl = K.placeholder(shape=(None, 2))
reward_pl = K.placeholder(shape=(None,))
loss = -K.mean(K.log(K.sum(predict.output * action_pl, axis=1) + 1e-10) * reward_pl)
updates = Adam(lr=0.01).get_updates(predict.trainable_weights, [], loss)
train_fn = K.function(inputs=[predict.input, action_pl, reward_pl], outputs=[loss], updates=updates)
for _ in range(10):
    value = train_fn([state, np.eye(2)[np.ones(8, int)], np.ones(8)])
print('p %.3f' % predict.predict(state)[:, 0].mean())
